// What a document has, without its text: how far each client has come, and what is deleted.
import * as Y from 'yjs';
import { AppError } from '../protocol/errors.ts';
import { hasOrder } from './dependency-order.ts';
import { IdSet } from './id-set.ts';
import { malformed, type UpdateShape } from './update-walk.ts';

export class DocumentContents {
  readonly #clocks = new Map<number, number>();
  readonly #allDeletes: () => readonly (readonly number[])[];
  /** What is deleted; made when somebody deletes, because few documents need it and it is as large as a page. */
  #deleted: IdSet | undefined;

  /** @param allDeletes everything deleted, as triples client, clock, length */
  constructor(allDeletes: () => readonly (readonly number[])[]) {
    this.#allDeletes = allDeletes;
  }

  /** The clock behind the last struct of a client; 0 when there is none. */
  clock(client: number): number {
    return this.#clocks.get(client) ?? 0;
  }

  /** The encoded state vector. */
  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#clocks);
  }

  /** @throws AppError `malformed_update` when an update builds on what is not here, or on itself in a circle */
  check(shape: UpdateShape): void {
    const { ranges, needs, deletes } = shape;
    const reached = new Map<number, number>();
    const have = (client: number): number => reached.get(client) ?? this.clock(client);
    for (let i = 0; i < ranges.length; i += 3) {
      const [client, clock, length] = [ranges[i] as number, ranges[i + 1] as number, ranges[i + 2] as number];
      if (clock > have(client)) throw this.#missing();
      reached.set(client, Math.max(have(client), clock + length));
    }
    let within = false;
    for (let i = 0; i < needs.length; i += 4) {
      const [client, clock] = [needs[i + 2] as number, needs[i + 3] as number];
      if (clock >= have(client)) throw this.#missing();
      within ||= clock >= this.clock(client);
    }
    const isThere = (client: number, clock: number): boolean => clock < this.clock(client);
    if (within && !hasOrder(needs, isThere)) throw malformed('goes round in circles');
    for (let i = 0; i < deletes.length; i += 3) {
      if ((deletes[i + 1] as number) + (deletes[i + 2] as number) > have(deletes[i] as number)) throw this.#missing();
    }
  }

  #missing(): AppError {
    return new AppError('malformed_update', 'The update builds on edits that are not here; send the difference.', {
      reason: 'missing_dependencies',
      stateVector: Buffer.from(this.stateVector()).toString('base64'),
    });
  }

  /** Whether all of an update is here. */
  has({ ranges, deletes }: UpdateShape): boolean {
    for (let i = 0; i < ranges.length; i += 3) {
      const end = (ranges[i + 1] as number) + (ranges[i + 2] as number);
      if (end > (this.#clocks.get(ranges[i] as number) ?? 0)) return false;
    }
    if (deletes.length === 0) return true;
    const deleted = this.#deletions();
    for (let i = 0; i < deletes.length; i += 3) {
      if (!deleted.has(deletes[i] as number, deletes[i + 1] as number, deletes[i + 2] as number)) return false;
    }
    return true;
  }

  /** Lets go of what can be made again. */
  release(): void {
    this.#deleted = undefined;
  }

  #deletions(): IdSet {
    if (!this.#deleted) {
      this.#deleted = new IdSet();
      for (const deletes of this.#allDeletes()) addAll(this.#deleted, deletes);
    }
    return this.#deleted;
  }

  /** Takes note of an update that was taken in. */
  note({ ranges, deletes }: UpdateShape): void {
    for (let i = 0; i < ranges.length; i += 3) {
      const client = ranges[i] as number;
      const end = (ranges[i + 1] as number) + (ranges[i + 2] as number);
      if (end > this.clock(client)) this.#clocks.set(client, end);
    }
    if (this.#deleted) addAll(this.#deleted, deletes);
  }
}

/** @param deletes triples client, clock, length */
function addAll(set: IdSet, deletes: readonly number[]): void {
  for (let i = 0; i < deletes.length; i += 3) {
    set.add(deletes[i] as number, deletes[i + 1] as number, deletes[i + 2] as number);
  }
}

/** @throws AppError `invalid_input` */
export function decodeStateVector(bytes: Uint8Array): Map<number, number> {
  try {
    return Y.decodeStateVector(bytes);
  } catch {
    throw new AppError('invalid_input', 'The state vector cannot be read.');
  }
}
