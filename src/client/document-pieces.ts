// Asks the server for a document, and takes it in piece by piece.
import type { CallInput, CallOutput } from './connection.ts';
import type { DocumentPort } from './document-port.ts';
import { asCoderoomError, CoderoomError } from './errors.ts';

/** Milliseconds for one piece: over a slow line it takes long. */
const PIECE_TIMEOUT_MS = 60_000;
/** Pieces asked for ahead, at first and while they come swiftly; within how many milliseconds. */
const AHEAD = 2;
const AHEAD_AT_MOST = 8;
const SWIFT_MS = 250;

type Piece = CallOutput<'doc.more'>;

/**
 * Opens a document.
 * @param port the connection
 * @param input what is known of it
 * @param take called with the answer, then with every further piece in order; whether to go on
 * @returns the answer when all pieces are taken, the error that came instead, undefined when `take` did not go on
 */
export async function fetchDocument(
  port: DocumentPort,
  input: CallInput<'doc.open'>,
  take: (piece: CallOutput<'doc.open'> | Piece) => boolean,
): Promise<CallOutput<'doc.open'> | CoderoomError | undefined> {
  try {
    const answer = await port.request('doc.open', { ...input, inPieces: true }, PIECE_TIMEOUT_MS);
    if (!take(answer)) return undefined;
    return !answer.more || (await fetchMore(port, input.fileId, take)) ? answer : undefined;
  } catch (error) {
    return asCoderoomError(error);
  }
}

/** @throws CoderoomError */
async function fetchMore(port: DocumentPort, fileId: string, take: (piece: Piece) => boolean): Promise<boolean> {
  const ahead: Promise<Piece | CoderoomError>[] = [];
  for (let limit = AHEAD; ; ) {
    while (ahead.length < limit) {
      ahead.push(port.request('doc.more', { fileId }, PIECE_TIMEOUT_MS).catch(asCoderoomError));
    }
    const from = performance.now();
    const piece = await (ahead.shift() as Promise<Piece | CoderoomError>);
    if (piece instanceof CoderoomError) throw piece;
    if (!take(piece)) return false;
    if (!piece.more) return true;
    limit = performance.now() - from < SWIFT_MS ? Math.min(limit + 1, AHEAD_AT_MOST) : AHEAD;
  }
}
