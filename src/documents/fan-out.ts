// Sends the edits of one document to its other links: encoded once per wire, at once in small rooms, in short batches
// in large ones. The only sender of a batch gets no echo.
import type { Clock } from './clock.ts';
import { FAN_OUT } from './limits.ts';
import type { Layout } from './linear-merge.ts';
import { eachWire, type Link } from './link.ts';

export class FanOut {
  readonly #fileId: string;
  readonly #links: ReadonlySet<Link>;
  readonly #clock: Clock;
  #batch: Layout[] = [];
  #senders = new Set<Link | undefined>();
  /** Takes the next sending back; undefined when none is due. */
  #unschedule: (() => void) | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(fileId: string, links: ReadonlySet<Link>, clock: Clock) {
    this.#fileId = fileId;
    this.#links = links;
    this.#clock = clock;
  }

  /** @param sender the link it came from; undefined for an edit made by the server */
  add(update: Layout, sender: Link | undefined): void {
    this.#batch.push(update);
    this.#senders.add(sender);
    if (this.#links.size < FAN_OUT.batchFrom || this.#batch.length >= FAN_OUT.batchUpdates) this.flush();
    else if (this.#unschedule) return;
    else this.#schedule();
  }

  /** Sends what waits. */
  flush(): void {
    this.#unschedule?.();
    this.#unschedule = undefined;
    if (this.#batch.length === 0) return;
    const updates = this.#batch;
    const only = this.#senders.size === 1 ? [...this.#senders][0] : undefined;
    this.#batch = [];
    this.#senders = new Set();
    this.#sentAt = this.#clock.now();
    const frameFor = eachWire((wire) => wire.updates(this.#fileId, updates));
    for (const link of this.#links) if (link !== only) link.send(frameFor(link.wire), false);
  }

  #schedule(): void {
    const window = Math.min(FAN_OUT.windowMs, this.#links.size * FAN_OUT.windowPerReceiverMs);
    const due = this.#sentAt + window - this.#clock.now();
    this.#unschedule = this.#clock.after(due, () => this.flush());
  }
}
