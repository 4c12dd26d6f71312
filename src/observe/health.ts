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

/** What the server's parts say of themselves, for an operator: each is asked anew, and one that fails says only that. */
export class Health {
  readonly #readiness: Readiness;
  readonly #parts: Readonly<Record<string, () => unknown>>;

  /** @param parts name → what it says now; nothing of it may be a secret */
  constructor(readiness: Readiness, parts: Readonly<Record<string, () => unknown>>) {
    this.#readiness = readiness;
    this.#parts = parts;
  }

  async state(): Promise<Readonly<Record<string, unknown>>> {
    const said = Object.entries(this.#parts).map(async ([name, ask]) => {
      try {
        return [name, await ask()];
      } catch {
        return [name, { unavailable: true }];
      }
    });
    return { readiness: await this.#readiness.state(), ...Object.fromEntries(await Promise.all(said)) };
  }
}
