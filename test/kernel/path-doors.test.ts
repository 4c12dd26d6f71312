// Every command that names a file or a run, called by somebody whom rules keep from it: those of tomorrow, too. What each
// kind of rule takes away is in test/features/rooms.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommandName, commands } from '../../src/protocol/index.ts';
import { call } from '../support/api.ts';
import { COMMAND_NAMES, declarationOf, openStage, overHttp, type Stage, validInput } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** All files of the stage are in there. */
const WHERE = '/folder/**';

/** Rules for the collaborator of the stage. */
async function give(deny: readonly string[]): Promise<void> {
  const body = { userId: stage.people.collaborator.id, rules: [{ path: WHERE, deny }] };
  const set = await call(stage.url, `PUT /api/rooms/${stage.room.id}/permissions`, {
    token: stage.people.owner.token,
    body,
  });
  expect(set.ok).toBe(true);
}

/** A run of a hidden file, of the collaborator’s own. */
async function hiddenRun(): Promise<string> {
  const id = await stage.execution(stage.people.collaborator.id);
  const { path } = await stage.file();
  await stage.db.query(`update code_executions set sources = $2 where id = $1`, [id, { [path]: '00'.repeat(32) }]);
  return id;
}

async function callBoth(name: CommandName, input: Record<string, unknown>) {
  const http = await overHttp(stage, name, { input, token: stage.tokenOf('collaborator') });
  const socket = await (await stage.socketOf('collaborator')).call(name, input);
  return [http, socket] as { ok: boolean; data?: unknown; error?: { code: string; details?: object } }[];
}

const via = (reference: string) => (name: CommandName) => {
  const { access } = declarationOf(name);
  return access.scope === 'room' && access.via === reference;
};

describe('a file that is hidden', () => {
  test.each(COMMAND_NAMES.filter(via('fileId')))('is nothing for %s', async (name) => {
    await give(['read']);
    for (const answer of await callBoth(name, await validInput(stage, name, 'collaborator')))
      expect(answer).toMatchObject({ ok: false, error: { code: 'forbidden', details: { reason: 'path' } } });
  });

  test.each(COMMAND_NAMES.filter(via('executionId')))('keeps its runs from %s', async (name) => {
    await give(['read']);
    const input = { ...(await validInput(stage, name, 'collaborator')), executionId: await hiddenRun() };
    // A run that one must not see can still be ended.
    const wanted = name === 'run.cancel' ? { ok: true } : { ok: false, error: { code: 'forbidden' } };
    for (const answer of await callBoth(name, input)) expect(answer).toMatchObject(wanted);
  });

  test.each(COMMAND_NAMES.filter(via('roomId')))('is not named by %s', async (name) => {
    await stage.file();
    await hiddenRun();
    await give(['read']);
    for (const answer of await callBoth(name, await validInput(stage, name, 'collaborator')))
      expect(JSON.stringify(answer)).not.toContain('folder/');
  });
});

test('a hidden file is named to those it is not hidden from', async () => {
  await stage.file();
  await give(['read']);
  const { owner } = stage.people;
  for (const path of ['', '/files']) {
    const answer = await call(stage.url, `GET /api/rooms/${stage.room.id}${path}`, { token: owner.token });
    expect(JSON.stringify(answer)).toContain('folder/');
  }
});

test('a file that is fixed is changed by no command', async () => {
  await give(['write', 'delete']);
  const changing = COMMAND_NAMES.filter((name) => via('fileId')(name) && commands[name].mutates);
  const taken: string[] = [];
  for (const name of changing) {
    const { access } = declarationOf(name);
    // Running a file is not changing it.
    if (access.scope === 'room' && access.action === 'run.start') continue;
    const answers = await callBoth(name, await validInput(stage, name, 'collaborator'));
    if (answers.some(({ ok }) => ok)) taken.push(name);
  }
  expect(changing).toContain('file.rename');
  expect(taken).toEqual([]);
});
