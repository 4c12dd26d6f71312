// Group commit over a connection that answers as the test says; with PostgreSQL it is in sql-update-log.test.ts.
import { expect, test } from '@jest/globals';
import { GroupCommit } from '../../src/documents/group-commit.ts';
import type { Append } from '../../src/documents/update-log.ts';
import { silentLog } from '../../src/observe/log.ts';

const edit = (number: number): Append => ({
  fileId: 'file',
  update: Uint8Array.of(number),
  actorId: null,
  source: 'edit',
});

const outcome = (saved: Promise<void>): Promise<unknown> =>
  saved.then(
    () => 'saved',
    (error: { code?: string }) => error.code,
  );

test('[DOC10] a database that comes back when the drain has given up stores nothing behind an edit that is lost', async () => {
  let drained = false;
  let away = true;
  let attempts = 0;
  const stored: unknown[] = [];
  const commits = new GroupCommit(async (_statement, values) => {
    attempts++;
    if (!away) return void stored.push(values);
    // The attempt after the drain gave up is the last one that fails.
    if (drained) away = false;
    throw new Error('the connection broke');
  }, silentLog);
  const first = outcome(commits.append(edit(1)));
  while (attempts === 0) await new Promise(setImmediate);
  const second = outcome(commits.append(edit(2)));
  drained = !(await commits.drain(1));
  expect(drained).toBe(true);
  expect(await Promise.all([first, second])).toEqual(['not_saved', 'not_saved']);
  expect(await outcome(commits.append(edit(3)))).toBe('not_saved');
  expect(stored).toEqual([]);
  expect(commits.backlogBytes).toBe(0);
});
