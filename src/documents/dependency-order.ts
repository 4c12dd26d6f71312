// Whether the structs of one update can be put into a document one after the other. Structs of several clients that
// wait for one another in a circle would wait in every Y.Doc for ever.
//
// The walk is that of yjs 13, integrateStructs in src/utils/encoding.js: what a struct builds on comes first, and each
// client in the order of its clock. Every need is looked at twice at most.

interface Need {
  /** Clock of the struct that builds on another client’s. */
  readonly clock: number;
  readonly on: number;
  readonly onClock: number;
}

class Progress {
  readonly #needs = new Map<number, Need[]>();
  readonly #met = new Map<number, number>();

  add(client: number, need: Need): void {
    const needs = this.#needs.get(client);
    if (needs) needs.push(need);
    else this.#needs.set(client, [need]);
  }

  clients(): Iterable<number> {
    return this.#needs.keys();
  }

  /** The first need of a client that is not met. */
  next(client: number): Need | undefined {
    return this.#needs.get(client)?.[this.#met.get(client) ?? 0];
  }

  /** Whether the structs of a client are in place up to and including this clock. */
  has(client: number, clock: number): boolean {
    const next = this.next(client);
    return next === undefined || clock < next.clock;
  }

  meet(client: number): void {
    this.#met.set(client, (this.#met.get(client) ?? 0) + 1);
  }
}

/**
 * @param needs as in UpdateShape; everything needed has to be in the document or in the update
 * @param isThere whether a struct is in the document already
 */
export function hasOrder(needs: readonly number[], isThere: (client: number, clock: number) => boolean): boolean {
  const progress = new Progress();
  for (let i = 0; i < needs.length; i += 4) {
    const [client, clock, on, onClock] = needs.slice(i, i + 4) as [number, number, number, number];
    if (!isThere(on, onClock)) progress.add(client, { clock, on, onClock });
  }
  for (const client of progress.clients()) if (!complete(client, progress)) return false;
  return true;
}

function complete(first: number, progress: Progress): boolean {
  const path = [{ client: first, through: Number.POSITIVE_INFINITY }];
  const onPath = new Set([first]);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const need = progress.next(top.client);
    if (!need || need.clock > top.through) {
      onPath.delete(top.client);
      path.pop();
    } else if (progress.has(need.on, need.onClock)) progress.meet(top.client);
    else if (onPath.has(need.on)) return false;
    else {
      onPath.add(need.on);
      path.push({ client: need.on, through: need.onClock });
    }
  }
  return true;
}
