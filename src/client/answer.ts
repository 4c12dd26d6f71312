// What comes back from a call: the data, or the error that it was refused with.
import { withBytes } from './bytes.ts';
import { type CoderoomError, fromWire } from './errors.ts';

/** Settles a call by its answer; one that is none counts as refused. */
export function readAnswer(
  answer: unknown,
  resolve: (data: unknown) => void,
  reject: (error: CoderoomError) => void,
): void {
  const read = withBytes(answer) as { ok?: unknown; data?: unknown; error?: unknown } | undefined;
  if (read?.ok === true) resolve(read.data);
  else reject(fromWire(read?.error));
}
