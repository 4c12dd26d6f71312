// Whose the Yjs client ids of one document are. Structs are told apart by (client id, clock) alone: who writes under
// somebody else's id at its next clock takes the place of what its owner is about to write, who would never know.
//
// An id belongs to the user who first writes with it; that is stored beside the edit. An honest client brings structs of
// others too, in the difference it sends after a reconnect: what was lost here in a crash, somebody may still have.
import { AppError } from '../protocol/errors.ts';
import { LIMITS } from './limits.ts';
import type { Link } from './link.ts';
import type { Section } from './update-walk.ts';

/** An id and its user; null for the server's own. */
export interface Claim {
  readonly clientId: number;
  readonly userId: string | null;
}

/** Stands for an id that no user has: the server's own, or that of somebody who was erased. */
const NOBODY = '';
const NONE: readonly Claim[] = [];

export class ClientOwners {
  readonly #owners = new Map<number, string>();
  /** Links that use an id now. */
  readonly #holders = new Map<number, Link>();
  /** Clocks up to which a link had more than the server when it asked for the difference. */
  readonly #announced = new Map<Link, ReadonlyMap<number, number>>();
  /** How many ids a link has claimed. */
  readonly #claims = new Map<Link, number>();

  /** @param stored claims of earlier lives of the document */
  constructor(stored: readonly Claim[] = []) {
    for (const { clientId, userId } of stored) this.#owners.set(clientId, userId ?? NOBODY);
  }

  /**
   * Lets a link write under these ids, or not.
   * @param fresh what an update brings that is new
   * @returns claims to be stored with the update
   * @throws AppError `malformed_update` with details.reason `foreign_client`, `limit_exceeded`
   */
  admit(link: Link, fresh: readonly Section[]): readonly Claim[] {
    const amongOthers = fresh.length > 1;
    if (!amongOthers && (!fresh[0] || this.#isAtHome(link, fresh[0].client))) return NONE;
    for (const section of fresh) if (!this.#mayBring(link, section, amongOthers)) throw foreign(section.client);
    const claimed = fresh.filter(({ client }) => this.#isIntroduction(link, client, amongOthers));
    this.#count(link, claimed.length);
    for (const { client } of claimed) this.#owners.set(client, link.person.id);
    for (const { client } of fresh) if (this.#isOf(client, link)) this.#holders.set(client, link);
    return claimed.map(({ client }) => ({ clientId: client, userId: link.person.id }));
  }

  /** Notes an id as the server's own. @returns the claim to be stored, if it is a new one */
  admitServer(clientId: number): readonly Claim[] {
    if (this.#owners.has(clientId)) return NONE;
    this.#owners.set(clientId, NOBODY);
    return [{ clientId, userId: null }];
  }

  /** A link asks for what it lacks, and has more than the server up to these clocks. */
  announce(link: Link, ahead: ReadonlyMap<number, number>): void {
    if (ahead.size > 0) this.#announced.set(link, ahead);
    else this.#announced.delete(link);
  }

  /** The cursor of an id is a link's. */
  hold(client: number, link: Link): void {
    this.#holders.set(client, link);
  }

  /** Whether an id is known to be somebody else's. */
  isForeign(client: number, link: Link): boolean {
    const owner = this.#owners.get(client);
    return owner !== undefined && owner !== link.person.id;
  }

  /** A link is gone. */
  release(link: Link): void {
    this.#announced.delete(link);
    this.#claims.delete(link);
    for (const [client, holder] of this.#holders) if (holder === link) this.#holders.delete(client);
  }

  #isOf(client: number, link: Link): boolean {
    return this.#owners.get(client) === link.person.id;
  }

  /** Whether a link goes on writing under an id of its own: nearly every edit there is. */
  #isAtHome(link: Link, client: number): boolean {
    return this.#holders.get(client) === link && this.#isOf(client, link);
  }

  #mayBring(link: Link, { client, end }: Section, amongOthers: boolean): boolean {
    if (this.#isOf(client, link)) return true;
    const holder = this.#holders.get(client);
    const announced = this.#announcedBy(link, client);
    // Two who have built on each other's lost edits can only bring them back together: both have said that they have them.
    if (holder && holder.person.id !== link.person.id) {
      return end <= Math.min(announced, this.#announcedBy(holder, client));
    }
    return !this.#owners.has(client) || amongOthers || announced > 0;
  }

  /** Whether an id that nobody has is the link's own: it shows a cursor under it, or begins to write with it alone. */
  #isIntroduction(link: Link, client: number, amongOthers: boolean): boolean {
    if (this.#owners.has(client)) return false;
    const holder = this.#holders.get(client);
    if (holder) return holder === link;
    return !amongOthers && this.#announcedBy(link, client) === 0;
  }

  #announcedBy(link: Link, client: number): number {
    return this.#announced.get(link)?.get(client) ?? 0;
  }

  #count(link: Link, claimed: number): void {
    if (claimed === 0) return;
    const count = (this.#claims.get(link) ?? 0) + claimed;
    if (count > LIMITS.claimsPerLink) throw tooMany();
    this.#claims.set(link, count);
  }
}

function foreign(client: number): AppError {
  return new AppError('malformed_update', 'The update brings edits under the client id of somebody who is here.', {
    reason: 'foreign_client',
    client,
  });
}

function tooMany(): AppError {
  return new AppError(
    'limit_exceeded',
    `A connection writes with at most ${LIMITS.claimsPerLink} client ids in a document.`,
  );
}
