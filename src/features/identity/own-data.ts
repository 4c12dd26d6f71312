// One's own data: all of it to take along, and its end. Erased is the person, not the work of the room: what they wrote
// stays and points to somebody without a name.
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { eraseRows, exportRows } from '../../db/personal-data.ts';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import { participantOf } from '../../db/views.ts';
import type { Revocations, SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandInput, CommandOutput } from '../../protocol/index.ts';
import { emailPlace, unverifiedEmail } from './emails.ts';
import type { ExportTickets } from './export-tickets.ts';
import { holdProof } from './password-proof.ts';
import { isPassword } from './passwords.ts';
import { phonePlace } from './phone-release.ts';
import { noteSignIn } from './security-notes.ts';

export interface OwnDataPorts {
  /** The system's: it sees all rows, and the password's hash. */
  readonly system: Kysely<Tables>;
  readonly secrets: Secrets;
  readonly revocations: Revocations;
  readonly tickets: ExportTickets;
  /** Hands the rooms of somebody over, or closes them. */
  readonly passOnRooms: (
    context: TransactionContext,
    userId: string,
  ) => Promise<{ passedOn: readonly string[]; closed: readonly string[] }>;
}

/** What others see where the name was. */
const NAMELESS = 'Erased user';

/** The commands about one's own data. */
export function ownDataHandlers(ports: OwnDataPorts): Handlers {
  return {
    async 'me.export'(context) {
      const { ticket, expiresAt } = ports.tickets.issue(context.user.id);
      await context.record({ type: 'user.exported', resource: { type: 'user', id: context.user.id } });
      return { path: `/api/exports/${ticket}`, expiresAt: expiresAt.toISOString() };
    },
    'me.erase': (context, input) => erase(ports, context, input),
  };
}

/**
 * Writes everything that is known of a user and their bots, as one JSON object.
 * @param write resolves when it can take more
 */
export async function exportOwnData(
  { system, secrets }: Pick<OwnDataPorts, 'system' | 'secrets'>,
  userId: string,
  write: (json: string) => Promise<void>,
): Promise<void> {
  const { email_encrypted: email, phone_encrypted: phone } = await system
    .selectFrom('users')
    .select(['email_encrypted', 'phone_encrypted'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const head = {
    format: 'coderoom-personal-data/1',
    exportedAt: new Date().toISOString(),
    userId,
    email: email && secrets.open(email, emailPlace(userId)),
    unverifiedEmail: await unverifiedEmail(system, { secrets }, userId),
    phone: phone && secrets.open(phone, phonePlace(userId)),
  };
  await write(`${JSON.stringify(head).slice(0, -1)},"rows":`);
  await exportRows(system, [userId, ...(await botsOf(system, userId))], write);
  await write('}\n');
}

async function botsOf(db: Kysely<Tables>, userId: string): Promise<string[]> {
  const rows = await db.selectFrom('users').select('id').where('bot_owner_id', '=', userId).execute();
  return rows.map(({ id }) => id);
}

async function erase(
  ports: OwnDataPorts,
  context: SlowContext,
  proof: CommandInput<'me.erase'>,
): Promise<CommandOutput<'me.erase'>> {
  const hash = await checkProof(ports, context, proof);
  const { id } = context.user;
  return context.transaction(async (inside) => {
    const { trx } = inside;
    // Twice at once: the second one finds nobody.
    const active = trx.selectFrom('users').select('id').where('id', '=', id).where('status', '=', 'active').forUpdate();
    if (!(await active.executeTakeFirst())) throw new AppError('session_ended', 'You have been erased.');
    await holdProof(inside, ports, { userId: id, hash });
    const everybody = [id, ...(await botsOf(trx, id))];
    const { passedOn, closed } = await ports.passOnRooms(inside, id);
    await sayGoodbye(inside, everybody);
    await eraseRows(trx, everybody);
    await clearNames(trx, everybody);
    const done = { roomsHandedOver: passedOn.length, roomsClosed: closed.length };
    await inside.record({
      type: 'user.erased',
      resource: { type: 'user', id },
      after: { ...done, bots: everybody.length - 1 },
    });
    for (const userId of everybody) inside.afterCommit(() => ports.revocations.revoked({ userId }));
    return done;
  });
}

/** @returns the hash that the password was compared with; @throws AppError `wrong_credentials`, `invalid_input` when what is asked for is missing */
async function checkProof(
  { system }: OwnDataPorts,
  { user, caller }: SlowContext,
  { password, displayName }: CommandInput<'me.erase'>,
): Promise<string | null> {
  const known = await system
    .selectFrom('users')
    .select(['password_hash', 'display_name'])
    .where('id', '=', user.id)
    .executeTakeFirstOrThrow();
  if (known.password_hash === null) {
    if (displayName === known.display_name) return null;
    throw unconfirmed('displayName', 'is not your name; type it to confirm');
  }
  if (password === undefined) throw unconfirmed('password', 'is needed to confirm');
  if (await isPassword(password, known.password_hash)) return known.password_hash;
  await noteSignIn(system, caller, { type: 'password_wrong', severity: 'medium', userId: user.id });
  throw new AppError('wrong_credentials', 'The password is not right.');
}

const unconfirmed = (path: string, message: string): AppError =>
  new AppError('invalid_input', `${path}: ${message}`, { issues: [{ path, message }] });

/** Those who are in a room with them see them leave, without the name already. */
async function sayGoodbye(context: TransactionContext, userIds: readonly string[]): Promise<void> {
  const seats = await context.trx
    .selectFrom('session_participants')
    .select(['session_id', 'user_id'])
    .where('user_id', 'in', userIds)
    .where('left_at', 'is', null)
    .execute();
  for (const { session_id: roomId, user_id: userId } of seats) {
    const participant = await participantOf(context.trx, roomId, userId);
    if (!participant) continue;
    const gone = { ...participant, displayName: NAMELESS, online: false, leftAt: new Date().toISOString() };
    context.publish('participant.left', roomId, { roomId, participants: [gone] });
  }
}

async function clearNames(trx: Kysely<Tables>, userIds: readonly string[]): Promise<void> {
  for (const id of userIds) {
    await trx
      .updateTable('users')
      .set((eb) => ({
        // An account has a way to sign in; this is none any more.
        kind: eb
          .case()
          .when('kind', '=', 'bot')
          .then('bot' as const)
          .else('guest' as const)
          .end(),
        username: `erased-${randomBytes(8).toString('hex')}`,
        display_name: NAMELESS,
        display_name_index: null,
        email_encrypted: null,
        email_index: null,
        phone_encrypted: null,
        phone_index: null,
        password_hash: null,
        role: 'user',
        status: 'inactive',
        avatar_url: null,
        country_code: null,
        email_verified_at: null,
        phone_verified_at: null,
        last_login_at: null,
        last_active_at: null,
        metadata: '{}',
      }))
      .where('id', '=', id)
      .execute();
  }
}
