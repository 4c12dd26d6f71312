// Whether the server can do its work.
import type { Log } from './log.ts';

export type ReadinessState = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** Asks what the server cannot work without, each time anew. */
export class Readiness {
  readonly #database: { ping(): Promise<void> };
  readonly #log: Log;
  #draining = false;

  constructor(database: { ping(): Promise<void> }, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /** From now on the server is not ready: a load balancer sends nobody here. */
  drain(): void {
    this.#draining = true;
  }

  async state(): Promise<ReadinessState> {
    if (this.#draining) return { ready: false, reason: 'the server is stopping' };
    try {
      await this.#database.ping();
      return { ready: true };
    } catch (error) {
      this.#log.warn({ err: error }, 'the database does not answer');
      return { ready: false, reason: 'the database does not answer' };
    }
  }
}
