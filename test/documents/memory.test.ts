// What many documents leave in memory after they are gone: nothing.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { Documents } from '../../src/documents/hub.ts';
import { LIMITS } from '../../src/documents/limits.ts';
import { silentLog } from '../../src/observe/log.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { TestLink } from '../support/test-link.ts';

const ROUNDS = 5;
const EACH = 2_000;
/** Bytes; 10 000 documents that left 250 bytes each would be found. */
const NOISE = 2.5 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

async function openAndLeave(documents: Documents, fileId: string): Promise<void> {
  const link = await new TestLink().open(documents, fileId);
  link.text.insert(0, 'x');
  link.opened?.receivePresence(Uint8Array.of(1, 7, 1, 2, 123, 125));
  await Promise.all(link.answers);
  link.close();
  link.doc.destroy();
}

test('[DOC15] 10 000 documents opened and closed leave memory where it was', async () => {
  const log = new MemoryLog();
  const clock = new ManualClock();
  const documents = new Documents({ log, versions: log, clock, logger: silentLog });
  const after: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < EACH; i++) {
      log.create(`${round}.${i}`);
      await openAndLeave(documents, `${round}.${i}`);
    }
    expect(documents.stats()).toMatchObject({ documents: EACH, links: 0, cursors: 0 });
    await clock.pass(LIMITS.lingerMs + 4 * LIMITS.retryMs);
    expect(documents.stats()).toMatchObject({ documents: 0, links: 0, cursors: 0, bytes: 0, unsaved: 0 });
    expect(clock.timers).toBe(1);
    log.committed.clear();
    log.claims.clear();
    log.appended.length = 0;
    log.versions.length = 0;
    after.push(heapBytes());
  }
  // The first round warms up: code that is compiled stays.
  expect((after.at(-1) as number) - (after[1] as number)).toBeLessThan(NOISE);
  await documents.drain();
});
