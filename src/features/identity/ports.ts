// What identity is given.
import type { Kysely } from 'kysely';
import type { RateLimit } from '../../cluster/rate-limit.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import type { Revocations } from '../../kernel/context.ts';
import type { Mail } from '../../mail/mail.ts';
import type { ProfilePorts } from './profile.ts';

export interface IdentityPorts extends ProfilePorts {
  /** The system's: passwords and refresh tokens are looked up before anybody is signed in. */
  readonly system: Kysely<Tables>;
  readonly secrets: Secrets;
  readonly rateLimit: RateLimit;
  readonly revocations: Revocations;
  readonly mail: Mail;
  /** Where people reach the server, for links in letters. Never from a request: whoever sends it would choose it. */
  readonly publicUrl: string;
}
