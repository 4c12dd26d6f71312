// A snapshot file: the SHA-256 of its content, then the memory of a Python that has been started.
import { createHash } from 'node:crypto';

/** Where a child finds the open file: the server opens it, so that the child needs no way to it. */
export const SNAPSHOT_FD = 6;

export const SNAPSHOT_HEADER_BYTES = 32;

/** The file for a memory. */
export function packSnapshot(memory: Uint8Array): Buffer {
  return Buffer.concat([digest(memory), memory]);
}

/** @throws Error when this is not what `packSnapshot` gave */
export function verifiedSnapshot(file: ArrayBuffer): void {
  const memory = new Uint8Array(file).subarray(SNAPSHOT_HEADER_BYTES);
  const header = Buffer.from(file, 0, Math.min(SNAPSHOT_HEADER_BYTES, file.byteLength));
  if (memory.length === 0 || !digest(memory).equals(header)) throw new Error('the snapshot of Python is damaged');
}

function digest(memory: Uint8Array): Buffer {
  return createHash('sha256').update(memory).digest();
}
