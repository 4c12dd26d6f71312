// The thread behind merger.ts: one task after the other.
import { parentPort } from 'node:worker_threads';
import type { MergeAnswer, MergeRequest } from './merger.ts';
import { mergeAll, textOf } from './update-merge.ts';

parentPort?.on('message', ({ id, task, parts }: MergeRequest) => {
  let answer: MergeAnswer;
  try {
    answer = { id, ok: true, result: task === 'merge' ? mergeAll(parts) : textOf(parts) };
  } catch (error) {
    answer = { id, ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
