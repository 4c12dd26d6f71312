// Which open connections live by which sign-in, so that none outlives it: a sign-in that is revoked or expires, or a user
// who is gone, ends them all. One sweep looks at what is due; nobody has a timer of their own.
//
// Invariant: a connection is either held here or has been ended, also when its sign-in ended while it was being looked up.

/** Milliseconds between two looks at what is due. */
const SWEEP_MS = 250;
/** Milliseconds for which an end is remembered: longer than looking a sign-in up takes. */
const REMEMBERED_MS = 60_000;

/** Why a connection is ended: its own time was up, or somebody ended the sign-in or the user. */
export type SignInEnd = 'expired' | 'revoked';

/** Whose sign-ins are over: some of them, or all that a user has. */
export type Gone = { readonly sessionIds: readonly string[] } | { readonly userId: string };

export interface SignedInConnection {
  readonly userId: string;
  /** The sign-in session, or the token of a bot. */
  readonly signInId: string | undefined;
  /** Milliseconds since 1970; undefined: until it is revoked. */
  readonly expiresAt: number | undefined;
  /** When looking the sign-in up began, by the clock of SignIns. */
  readonly checkedAt: number;
  /** Hangs up for good. Called once, and never after the connection was taken out. */
  end(why: SignInEnd): void;
}

interface SignIn {
  readonly id: string;
  expiresAt: number | undefined;
  /** The sweep that ends it. */
  slot: number | undefined;
  readonly connections: Set<SignedInConnection>;
}

export class SignIns {
  readonly #now: () => number;
  readonly #users = new Map<string, Set<SignedInConnection>>();
  readonly #signIns = new Map<string, SignIn>();
  /** Sign-ins that expire, by the sweep that is to end them. */
  readonly #due = new Map<number, Set<SignIn>>();
  /** When users and sign-ins ended. */
  readonly #ended = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  /** The last slot that was looked at. */
  #swept: number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#swept = slotOf(now()) - 1;
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  /** The clock that `checkedAt` is read from. */
  now(): number {
    return this.#now();
  }

  /** Holds a connection for as long as its sign-in lasts. @returns takes it out again */
  add(connection: SignedInConnection): () => void {
    const { userId, signInId, expiresAt, checkedAt } = connection;
    if (this.#endedSince(checkedAt, userId, signInId)) {
      connection.end('revoked');
      return () => undefined;
    }
    const users = this.#users.get(userId) ?? new Set();
    this.#users.set(userId, users.add(connection));
    const signIn = signInId === undefined ? undefined : this.#signInOf(signInId);
    signIn?.connections.add(connection);
    // Never shortens: what was looked up before a renewal may come after it.
    if (signIn && expiresAt !== undefined && expiresAt > (signIn.expiresAt ?? 0)) this.#expire(signIn, expiresAt);
    return () => this.#remove(connection);
  }

  /** Ends every connection of those who are gone, and those that are being made. */
  revoked(gone: Gone): void {
    const at = this.#now();
    if ('userId' in gone) {
      this.#remember(gone.userId, at);
      this.#endAll(this.#users.get(gone.userId), 'revoked');
      return;
    }
    for (const id of gone.sessionIds) {
      this.#remember(id, at);
      this.#endAll(this.#signIns.get(id)?.connections, 'revoked');
    }
  }

  /** The sign-in ends at another time: its connections stay open until then. */
  renewed(signInId: string, expiresAt: number): void {
    const signIn = this.#signIns.get(signInId);
    if (signIn) this.#expire(signIn, expiresAt);
  }

  /** The sign-ins that connections live by. */
  ids(): string[] {
    return [...this.#signIns.keys()];
  }

  /** Ends what has expired; called by itself. */
  sweep(): void {
    const now = this.#now();
    const until = Math.floor(now / SWEEP_MS);
    // After a leap of the clock there are fewer sign-ins than sweeps that were left out.
    const slots = until - this.#swept > this.#due.size ? this.#due.keys() : range(this.#swept + 1, until);
    for (const slot of [...slots].filter((each) => each <= until)) this.#endSlot(slot);
    this.#swept = Math.max(this.#swept, until);
    for (const [id, at] of this.#ended) {
      if (now - at < REMEMBERED_MS) break;
      this.#ended.delete(id);
    }
  }

  /** Looks no more; what is open stays open. */
  close(): void {
    clearInterval(this.#timer);
  }

  #remember(id: string, at: number): void {
    // At the end of the map: the sweep stops at the first that is still remembered.
    this.#ended.delete(id);
    this.#ended.set(id, at);
  }

  #endSlot(slot: number): void {
    const signIns = this.#due.get(slot);
    this.#due.delete(slot);
    for (const { connections } of signIns ?? []) this.#endAll(connections, 'expired');
  }

  #endedSince(checkedAt: number, ...ids: readonly (string | undefined)[]): boolean {
    return ids.some((id) => id !== undefined && (this.#ended.get(id) ?? Number.NEGATIVE_INFINITY) >= checkedAt);
  }

  #signInOf(id: string): SignIn {
    const signIn = this.#signIns.get(id) ?? { id, expiresAt: undefined, slot: undefined, connections: new Set() };
    this.#signIns.set(id, signIn);
    return signIn;
  }

  #expire(signIn: SignIn, expiresAt: number): void {
    this.#forgetDue(signIn);
    signIn.expiresAt = expiresAt;
    if (expiresAt === Number.POSITIVE_INFINITY) return;
    signIn.slot = Math.max(slotOf(expiresAt), this.#swept + 1);
    const due = this.#due.get(signIn.slot) ?? new Set();
    this.#due.set(signIn.slot, due.add(signIn));
  }

  #forgetDue(signIn: SignIn): void {
    if (signIn.slot === undefined) return;
    const due = this.#due.get(signIn.slot);
    due?.delete(signIn);
    if (due?.size === 0) this.#due.delete(signIn.slot);
    signIn.slot = undefined;
  }

  #endAll(connections: ReadonlySet<SignedInConnection> | undefined, why: SignInEnd): void {
    for (const connection of connections ?? []) {
      this.#remove(connection);
      connection.end(why);
    }
  }

  #remove(connection: SignedInConnection): void {
    const { userId, signInId } = connection;
    const users = this.#users.get(userId);
    users?.delete(connection);
    if (users?.size === 0) this.#users.delete(userId);
    const signIn = signInId === undefined ? undefined : this.#signIns.get(signInId);
    if (!signIn?.connections.delete(connection) || signIn.connections.size > 0) return;
    this.#forgetDue(signIn);
    this.#signIns.delete(signIn.id);
  }
}

/** The first sweep at or after that time. */
const slotOf = (expiresAt: number): number => Math.ceil(expiresAt / SWEEP_MS);

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
