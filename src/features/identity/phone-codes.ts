// One-time codes: six digits, for three minutes, five tries. What is stored is a keyed hash: a copy of the database signs
// nobody in, not even within these minutes. A number gets few codes a day, wherever they are asked for.
import { randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { networkOf } from '../../cluster/rate-limit.ts';
import type { Tables } from '../../db/tables.ts';
import type { SlowContext } from '../../kernel/context.ts';
import type { Sms } from '../../mail/sms.ts';
import { AppError } from '../../protocol/errors.ts';
import { CODE_DIGITS } from '../../protocol/phones.ts';
import type { IdentityPorts } from './ports.ts';
import { noteSignIn } from './security-notes.ts';

/** Milliseconds until a number can have the next code, where it had none before. */
export const NEXT_CODE_MS = 30_000;

export type CodePurpose = 'login' | 'change' | 'release';

type SmsLimit = Pick<Sms, 'perHour' | 'refused'>;

const LIFE_MS = 3 * 60_000;
const TRIES = 5;
const MINUTE_SECONDS = 60;
/** Codes of one number within so many seconds. The first keeps a hand off the button, the others a bill small. */
const PER_NUMBER = [
  { codes: 1, seconds: NEXT_CODE_MS / 1000 },
  { codes: 5, seconds: 60 * MINUTE_SECONDS },
  { codes: 10, seconds: 24 * 60 * MINUTE_SECONDS },
] as const;
/** Codes that one address has sent in an hour, and tries of codes in ten minutes: a class behind one router. */
const PER_ADDRESS = {
  codes: 30,
  codeSeconds: 60 * MINUTE_SECONDS,
  tries: 60,
  trySeconds: 10 * MINUTE_SECONDS,
} as const;

/** A number in the form E.164. @throws AppError `invalid_input` when no telephone can have it */
export function e164(written: string): string {
  const parsed = parsePhoneNumberFromString(written);
  if (!parsed?.isPossible()) throw wrongField('phone', 'is not a telephone number');
  return parsed.number;
}

export function wrongField(path: string, message: string): AppError {
  return new AppError('invalid_input', `${path}: ${message}`, { issues: [{ path, message }] });
}

const hashOf = ({ secrets }: IdentityPorts, id: string, code: string): readonly Buffer[] =>
  secrets.blindIndex(`${id}:${code}`, 'phone-code');

/**
 * Makes a code in place of the one before.
 * @param sms has the limit of all numbers together
 * @throws AppError `rate_limited`, `unavailable` where no keys are set
 */
export async function makeCode(
  ports: IdentityPorts,
  { caller }: SlowContext,
  { number, purpose, sms }: { number: string; purpose: CodePurpose; sms: SmsLimit },
): Promise<{ id: string; code: string; expiresAt: Date }> {
  const indexes = ports.secrets.blindIndex(number, 'phone');
  await limited(ports, caller, () =>
    ports.rateLimit.take(`sms:${networkOf(caller.address)}`, PER_ADDRESS.codes, PER_ADDRESS.codeSeconds),
  );
  const id = randomUUID();
  const code = String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
  const expiresAt = new Date(Date.now() + LIFE_MS);
  const codes = ports.system.transaction();
  await limited(ports, caller, () =>
    codes.execute(async (trx) => {
      // Requests for one number come one after the other: they are counted.
      await sql`select pg_advisory_xact_lock(hashtextextended(${indexes[0].toString('hex')}, 0))`.execute(trx);
      await checkNumber(trx, indexes);
      await takeOfAll(ports, caller, sms);
      await trx
        .updateTable('phone_verification_codes')
        .set({ consumed_at: new Date() })
        .where('phone_index', 'in', [...indexes])
        .where('purpose', '=', purpose)
        .where('consumed_at', 'is', null)
        .execute();
      const [code_hash] = hashOf(ports, id, code) as [Buffer];
      await trx
        .insertInto('phone_verification_codes')
        .values({ id, phone_index: indexes[0], purpose, code_hash, expires_at: expiresAt })
        .execute();
    }),
  );
  return { id, code, expiresAt };
}

async function checkNumber(trx: Kysely<Tables>, indexes: readonly Buffer[]): Promise<void> {
  for (const { codes, seconds } of PER_NUMBER) {
    const { rows } = await sql<{ used: bigint; wait: number | null }>`
      select count(*) as used, extract(epoch from min(created_at) + ${seconds} * interval '1 second' - now())::float8 as wait
      from phone_verification_codes
      where phone_index = any(${indexes}::bytea[]) and created_at > now() - ${seconds} * interval '1 second'`.execute(
      trx,
    );
    const { used = 0n, wait = 0 } = rows[0] ?? {};
    if (Number(used) < codes) continue;
    const retryAfterMs = Math.max(1, Math.ceil((wait ?? 0) * 1000));
    const message = `Codes were sent to this number already; try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    throw new AppError('rate_limited', message, { retryAfterMs });
  }
}

/** Numbers and addresses are cheap to whoever sells text messages to themselves: all together have a limit, too. */
async function takeOfAll(
  { rateLimit, system }: IdentityPorts,
  caller: SlowContext['caller'],
  sms: SmsLimit,
): Promise<void> {
  try {
    await rateLimit.take('sms', sms.perHour, 60 * MINUTE_SECONDS);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'rate_limited') throw error;
    sms.refused();
    await noteSignIn(system, caller, { type: 'sms_exhausted', severity: 'high', userId: caller.user?.id });
    const message = 'This server has sent as many text messages as it may in an hour; try again later.';
    throw new AppError('rate_limited', message, { ...(error.details as object), reason: 'server' });
  }
}

/** Notes limits that were reached. */
async function limited<T>({ system }: IdentityPorts, caller: SlowContext['caller'], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof AppError && error.code === 'rate_limited') {
      await noteSignIn(system, caller, { type: 'login_limited', severity: 'medium', userId: caller.user?.id });
    }
    throw error;
  }
}

export interface Proof {
  readonly number: string;
  readonly code: string;
  readonly purpose: CodePurpose;
  /** The field that it was entered in, where a command asks for several. */
  readonly path?: string;
}

/**
 * Checks a code; the try is counted before.
 * @returns uses the code up; to be called when it is used
 * @throws AppError `wrong_credentials`, the same whatever is wrong; `rate_limited`
 */
export async function checkCode(
  ports: IdentityPorts,
  { caller }: SlowContext,
  proof: Proof,
): Promise<() => Promise<void>> {
  const { number, code, purpose, path } = proof;
  await limited(ports, caller, () =>
    ports.rateLimit.take(`code:${networkOf(caller.address)}`, PER_ADDRESS.tries, PER_ADDRESS.trySeconds),
  );
  const indexes = ports.secrets.blindIndex(number, 'phone');
  const { rows } = await sql<{ id: string; code_hash: Buffer }>`
    update phone_verification_codes set attempts = attempts + 1
    where id = (select id from phone_verification_codes
        where phone_index = any(${indexes}::bytea[]) and purpose = ${purpose} order by created_at desc limit 1)
      and consumed_at is null and expires_at > now() and attempts < ${TRIES}
    returning id, code_hash`.execute(ports.system);
  const row = rows[0];
  if (!row || !hashOf(ports, row.id, code).some((hash) => timingSafeEqual(hash, row.code_hash))) {
    await noteSignIn(ports.system, caller, { type: 'login_failed', severity: 'low', userId: caller.user?.id });
    throw wrong(path);
  }
  return async () => {
    const used = await ports.system
      .updateTable('phone_verification_codes')
      .set({ consumed_at: new Date() })
      .where('id', '=', row.id)
      .where('consumed_at', 'is', null)
      .executeTakeFirst();
    if (used.numUpdatedRows === 0n) throw wrong(path);
  };
}

const wrong = (path: string | undefined): AppError =>
  new AppError(
    'wrong_credentials',
    'The code is not right, or not good any more.',
    path === undefined ? undefined : { path },
  );
