// Merging and reading large documents away from the event loop, in a worker thread. Small ones are done in place: a
// message to a worker would take longer.
import { Worker } from 'node:worker_threads';
import { AppError } from '../protocol/errors.ts';
import { LIMITS } from './limits.ts';
import { mergeAll, mergeQuickly, textOf } from './update-merge.ts';

/** Parts are updates of one document, the merged state first. */
export interface Merger {
  /**
   * One update out of all.
   * @param quick for one that is soon merged again: it may be larger than need be
   */
  merge(parts: readonly Uint8Array[], quick?: boolean): Promise<Uint8Array>;
  /** The text that they make. */
  text(parts: readonly Uint8Array[]): Promise<string>;
  close(): Promise<void>;
}

/** The parts one after the other, because a message of thousands takes longer than the merge of them. */
export interface MergeRequest {
  readonly id: number;
  readonly task: 'merge' | 'text';
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

function inOnePiece(parts: readonly Uint8Array[]): Pick<MergeRequest, 'bytes' | 'lengths'> {
  const lengths = Uint32Array.from(parts, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths };
}

/** The parts of a request again. */
export function partsOf({ bytes, lengths }: MergeRequest): Uint8Array[] {
  let end = 0;
  return Array.from(lengths, (length) => {
    end += length;
    return bytes.subarray(end - length, end);
  });
}

export type MergeAnswer =
  | { readonly id: number; readonly ok: true; readonly result: Uint8Array | string }
  | { readonly id: number; readonly ok: false; readonly reason: string };

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Merges in place, whatever the size. */
export const inlineMerger: Merger = {
  merge: async (parts) => mergeAll(parts),
  text: async (parts) => textOf(parts),
  close: async () => undefined,
};

/**
 * A merger with one worker thread, started by the first large document and ended when none comes for a while: it holds
 * as much memory as a thousand connections. The thread does not keep the process alive.
 */
export function threadMerger(): Merger {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  const failAll = (error: unknown): void => {
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const settle = (answer: MergeAnswer): void => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) idle = setTimeout(() => void end(), LIMITS.mergeThreadIdleMs).unref();
    if (answer.ok) asked?.resolve(answer.result as never);
    else asked?.reject(new AppError('unavailable', 'The document could not be merged.', { reason: answer.reason }));
  };
  const end = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  const start = (): Worker => {
    const started = new Worker(new URL('./merge-worker.ts', import.meta.url));
    started.on('message', settle);
    // A worker that dies (out of memory) fails what it had; the next task starts another.
    started.on('error', failAll);
    started.unref();
    return started;
  };
  const ask = <T>(task: MergeRequest['task'], parts: readonly Uint8Array[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      clearTimeout(idle);
      worker ??= start();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      const { bytes, lengths } = inOnePiece(parts);
      worker.postMessage({ id, task, bytes, lengths } satisfies MergeRequest, [bytes.buffer, lengths.buffer]);
    });

  return {
    merge: async (parts, quick = false) => {
      if (!isSmall(parts)) return ask('merge', parts);
      return quick ? mergeQuickly(parts) : mergeAll(parts);
    },
    text: async (parts) => (isSmall(parts) ? textOf(parts) : ask('text', parts)),
    close: end,
  };
}

function isSmall(parts: readonly Uint8Array[]): boolean {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  return bytes < LIMITS.inlineBytes && parts.length < LIMITS.inlineParts;
}
