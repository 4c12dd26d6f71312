// The token of a connection: always the same, or from who is signed in. One that was refused is renewed once before that is
// taken as final.
import type { TokenSource } from './token-source.ts';

export class Credentials {
  readonly #given: string | TokenSource;
  #used: string | undefined;
  #refused: string | undefined;

  constructor(given: string | TokenSource) {
    this.#given = given;
  }

  /** For the next attempt; at once where there is nothing to wait for. @throws CoderoomError as TokenSource.fresh */
  next(): string | Promise<string> {
    if (typeof this.#given === 'string') return this.#given;
    return this.#given.fresh(this.#refused).then((token) => {
      this.#used = token;
      return token;
    });
  }

  /** @returns whether another attempt, with another token, may go better */
  refused(): boolean {
    if (typeof this.#given === 'string' || this.#used === undefined || this.#refused !== undefined) return false;
    this.#refused = this.#used;
    return true;
  }

  accepted(): void {
    this.#refused = undefined;
  }

  /** The token has expired on an open connection. @returns whether there may be another */
  expired(): boolean {
    this.accepted();
    return this.refused();
  }
}
