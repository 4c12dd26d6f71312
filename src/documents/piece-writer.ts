// Writes updates piece by piece: structs as they are given, and the deletions of what was given.
import * as encoding from 'lib0/encoding';
import type { Stretch } from './struct-cursor.ts';

/** Bytes that a client, and a deletion, take at most; counted instead of measured. */
const CLIENT_BYTES = 20;
const DELETION_BYTES = 16;

interface Run {
  readonly clock: number;
  structs: number;
  readonly chunks: Uint8Array[];
}

interface Deletions {
  /** Pairs clock, length in the order of the clock. */
  readonly ranges: readonly (readonly [clock: number, length: number])[];
  /** How many of them are written. */
  written: number;
}

export class PieceWriter {
  readonly #deletions = new Map<number, Deletions>();
  #runs = new Map<number, Run>();
  #deleted = new Map<number, (readonly [number, number])[]>();
  #bytes = 0;

  /** @param deletes triples client, clock, length */
  constructor(deletes: readonly number[]) {
    const clients = new Map<number, [number, number][]>();
    for (let i = 0; i < deletes.length; i += 3) {
      const range: [number, number] = [deletes[i + 1] as number, deletes[i + 2] as number];
      const ranges = clients.get(deletes[i] as number);
      if (ranges) ranges.push(range);
      else clients.set(deletes[i] as number, [range]);
    }
    for (const [client, ranges] of clients) {
      this.#deletions.set(client, { ranges: ranges.sort((a, b) => a[0] - b[0]), written: 0 });
    }
  }

  /** About how many bytes the piece has. */
  get bytes(): number {
    return this.#bytes;
  }

  deletingClients(): Iterable<number> {
    return this.#deletions.keys();
  }

  add(client: number, clock: number, { bytes, structs }: Stretch): void {
    const run = this.#runs.get(client);
    if (run) {
      run.structs += structs;
      run.chunks.push(bytes);
    } else {
      this.#runs.set(client, { clock, structs, chunks: [bytes] });
      this.#bytes += CLIENT_BYTES;
    }
    this.#bytes += bytes.length;
  }

  /**
   * Adds the deletions of what a client has up to this clock.
   * @returns whether the piece is full, and perhaps more to come
   */
  release(client: number, clock: number, limit: number): boolean {
    const deletions = this.#deletions.get(client);
    for (
      let range = deletions?.ranges[deletions.written];
      deletions && range;
      range = deletions.ranges[deletions.written]
    ) {
      if (range[0] + range[1] > clock) return false;
      if (this.#bytes + DELETION_BYTES > limit) return this.#bytes > 0;
      deletions.written++;
      const written = this.#deleted.get(client);
      if (written) written.push(range);
      else this.#deleted.set(client, [range]);
      this.#bytes += DELETION_BYTES;
    }
    return false;
  }

  /** The piece; the next one begins. */
  finish(): Uint8Array {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, this.#runs.size);
    // Yjs reads clients in this order.
    for (const [client, { clock, structs, chunks }] of descending(this.#runs)) {
      encoding.writeVarUint(encoder, structs);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, clock);
      for (const chunk of chunks) encoding.writeUint8Array(encoder, chunk);
    }
    encoding.writeVarUint(encoder, this.#deleted.size);
    for (const [client, ranges] of descending(this.#deleted)) {
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, ranges.length);
      for (const [clock, length] of ranges) {
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarUint(encoder, length);
      }
    }
    this.#runs = new Map();
    this.#deleted = new Map();
    this.#bytes = 0;
    return encoding.toUint8Array(encoder);
  }
}

function descending<T>(clients: ReadonlyMap<number, T>): [number, T][] {
  return [...clients].sort(([a], [b]) => b - a);
}
