// The rooms that one connection is on its way into. What is asked for in one breath with a room need not wait until it
// is on the disk that somebody came: it is enough that the room has let them in.
import type { RoomPart } from '../kernel/caller.ts';

export class Arrivals {
  readonly #underWay = new Set<Promise<unknown>>();
  /** Rooms that were entered while joins are under way. */
  readonly #entered = new Map<string, RoomPart>();
  readonly #waiting = new Map<string, PromiseWithResolvers<RoomPart | undefined>>();

  /** @param join resolves when the join is committed or refused; never rejects */
  add(join: Promise<unknown>): void {
    this.#underWay.add(join);
    void join.finally(() => {
      this.#underWay.delete(join);
      if (this.#underWay.size > 0) return;
      this.#entered.clear();
      for (const { resolve } of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
  }

  get areUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  /** A room has let them in. */
  entered(roomId: string, part: RoomPart): void {
    if (!this.areUnderWay) return;
    this.#entered.set(roomId, part);
    this.#waiting.get(roomId)?.resolve(part);
    this.#waiting.delete(roomId);
  }

  /** They are out again. */
  left(roomId: string): void {
    this.#entered.delete(roomId);
  }

  /** @returns what they are in a room as soon as it has let them in; undefined when none of the joins led there */
  async partIn(roomId: string): Promise<RoomPart | undefined> {
    const part = this.#entered.get(roomId);
    if (part || !this.areUnderWay) return part;
    const waiting = this.#waiting.get(roomId) ?? Promise.withResolvers<RoomPart | undefined>();
    this.#waiting.set(roomId, waiting);
    return waiting.promise;
  }

  /** When all that are under way now are over. */
  async over(): Promise<void> {
    await Promise.all(this.#underWay);
  }
}
