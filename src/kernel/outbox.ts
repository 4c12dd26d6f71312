// Events of one transaction: collected while it runs, sent after its commit, forgotten when it fails.
import { type EventName, type EventPayload, events } from '../protocol/index.ts';
import type { Audience, Publisher } from './context.ts';

interface Waiting {
  readonly event: EventName;
  readonly to: Audience;
  readonly payload: unknown;
}

export class Outbox {
  readonly #waiting: Waiting[] = [];
  readonly #acts: (() => void)[] = [];

  /** The payload is parsed by its declaration here: an unknown field cannot leave the server. */
  add<N extends EventName>(event: N, to: Audience, payload: EventPayload<N>): void {
    this.#waiting.push({ event, to, payload: events[event].payload.parse(payload) });
  }

  addAct(act: () => void): void {
    this.#acts.push(act);
  }

  /** After the commit: first what the node itself has to do, then what others hear. */
  send(publisher: Publisher): void {
    for (const act of this.#acts) act();
    for (const { event, to, payload } of this.#waiting) publisher.publish(event, to, payload as never);
  }
}
