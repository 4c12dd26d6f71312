// Links to one's own data: who they are for is sealed into them, so that any node can serve them and none has to remember.
import { randomBytes } from 'node:crypto';
import { openSecrets, type Secrets } from '../../db/secrets.ts';

/** Milliseconds for which a link works: to be followed at once. */
const LIFE_MS = 5 * 60_000;
const PLACE = 'export-ticket';

export interface ExportTickets {
  /** @returns the ticket, and until when it works */
  issue(userId: string): { ticket: string; expiresAt: Date };
  /** Whose data it is for; undefined when it is none of ours, or too old. */
  read(ticket: string): string | undefined;
}

/**
 * @param secrets where they have no key, tickets are good in this process only
 * @param now milliseconds since 1970
 */
export function exportTickets(secrets: Secrets, now: () => number = Date.now): ExportTickets {
  const own = openSecrets({ keys: `1:${randomBytes(32).toString('base64')}`, folder: undefined });
  const sealers = [secrets, own];
  return {
    issue(userId) {
      const expiresAt = new Date(now() + LIFE_MS);
      const sealed = firstOf(sealers, (each) => each.seal(`${userId} ${expiresAt.getTime()}`, PLACE));
      return { ticket: sealed?.toString('base64url') ?? '', expiresAt };
    },
    read(ticket) {
      const sealed = Buffer.from(ticket, 'base64url');
      const [userId, expiresAt] = firstOf(sealers, (each) => each.open(sealed, PLACE))?.split(' ') ?? [];
      return Number(expiresAt) > now() ? userId : undefined;
    },
  };
}

function firstOf<T>(sealers: readonly Secrets[], use: (secrets: Secrets) => T): T | undefined {
  for (const secrets of sealers) {
    try {
      return use(secrets);
    } catch {
      // No key there, or a ticket of the other one.
    }
  }
  return undefined;
}
