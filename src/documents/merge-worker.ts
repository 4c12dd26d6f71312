// The thread behind merger.ts: one task after the other.
import fs from 'node:fs';
import os from 'node:os';
import { parentPort } from 'node:worker_threads';

/** As `nice`: where there are fewer CPUs than threads, those who type go first. */
const NICENESS = 15;

// On Linux a thread has a priority of its own; elsewhere it keeps that of the process.
try {
  const [, thread = ''] = fs.readlinkSync('/proc/thread-self').split('/task/');
  os.setPriority(Number.parseInt(thread, 10), NICENESS);
} catch {
  // It merges all the same.
}

const [{ partsOf }, { mergeAll, textOf }] = await Promise.all([import('./merger.ts'), import('./update-merge.ts')]);

parentPort?.on('message', (request: import('./merger.ts').MergeRequest) => {
  const { id, task } = request;
  let answer: import('./merger.ts').MergeAnswer;
  try {
    const parts = partsOf(request);
    answer = { id, ok: true, result: task === 'merge' ? mergeAll(parts) : textOf(parts) };
  } catch (error) {
    answer = { id, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
