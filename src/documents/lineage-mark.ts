// What tells the clients of a restored document from those of its old future, which may hold newer text than the server:
// a struct without content, by a Yjs client id that is nobody's, in every document at its restore, and in those that
// come to a path where another file was. Whoever has received anything since has it in the state vector. So also clients
// that know of no lineage (stock providers) are recognised, while the edits of before keep their authors, and undo and
// blame go on working.
import { randomInt } from 'node:crypto';
import { decodeStateVector } from './document-contents.ts';

export interface LineageMark {
  /** A Yjs client id: 32 bits. */
  readonly clientId: number;
  /** As a Yjs update (v1): one client with one garbage-collected struct of length 1, and no deletions. */
  readonly update: Uint8Array;
}

const CLIENT_IDS = 2 ** 32;

/** A new mark, the same for all documents of a restore. */
export function newLineageMark(clientId = randomInt(1, CLIENT_IDS)): LineageMark {
  const [clients, structs, clock, garbage, length, deletions] = [1, 1, 0, 0, 1, 0];
  return {
    clientId,
    update: Uint8Array.from([clients, structs, ...varUint(clientId), clock, garbage, length, deletions]),
  };
}

/**
 * Whether somebody with this state vector has received the document since its mark, or has nothing yet.
 * @throws AppError `invalid_input` when the state vector cannot be read
 */
export function knowsMark(mark: number, stateVector: Uint8Array | undefined): boolean {
  return !stateVector || stateVector.length <= 1 || decodeStateVector(stateVector).has(mark);
}

/** lib0's encoding: seven bits a byte, the lowest first. */
function varUint(value: number): number[] {
  const rest = Math.floor(value / 128);
  return rest === 0 ? [value] : [128 + (value % 128), ...varUint(rest)];
}
