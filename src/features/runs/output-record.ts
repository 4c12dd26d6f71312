// The output of one run: its pieces in order while it is under way, and as a row holds them: one text, and which stretch
// of it came from which stream.
import { type OutputPiece, STREAMS } from '../../protocol/runs.ts';
import { storable } from './storable.ts';

type Stream = OutputPiece['stream'];
type Mark = readonly [stream: Stream, length: number];

export interface StoredOutput {
  readonly output: string;
  /** Streams and lengths, in UTF-16 units. */
  readonly marks: readonly Mark[];
}

export class OutputRecord {
  readonly #pieces: OutputPiece[] = [];

  /** Pieces so far, by `seq` without a gap. */
  get pieces(): readonly OutputPiece[] {
    return this.#pieces;
  }

  /** Takes the next piece. @returns it with its number */
  add(stream: Stream, text: string): OutputPiece {
    const piece = { seq: this.#pieces.length, stream, text };
    this.#pieces.push(piece);
    return piece;
  }

  /** As a row holds it; neighbouring pieces of one stream are one. */
  stored(): StoredOutput {
    const parts: [Stream, string][] = [];
    for (const { stream, text } of this.#pieces) {
      const last = parts.at(-1);
      if (last?.[0] === stream) last[1] += text;
      else parts.push([stream, text]);
    }
    const texts = parts.map(([stream, text]) => [stream, storable(text)] as const);
    return {
      output: texts.map(([, text]) => text).join(''),
      marks: texts.map(([stream, text]) => [stream, text.length]),
    };
  }
}

/** The pieces of a stored output. What the marks do not cover, in a row from elsewhere, counts as standard output. */
export function storedPieces(output: string | null, marks: unknown): OutputPiece[] {
  const pieces: OutputPiece[] = [];
  let at = 0;
  const take = (stream: Stream, length: number): void => {
    const text = (output ?? '').slice(at, at + length);
    at += length;
    if (text !== '') pieces.push({ seq: pieces.length, stream, text });
  };
  for (const [stream, length] of Array.isArray(marks) ? (marks as Mark[]) : []) {
    take(STREAMS.includes(stream) ? stream : 'system', length);
  }
  take('stdout', Number.POSITIVE_INFINITY);
  return pieces;
}
