// A telephone and a code for it, as the server stores them: for tests that want to use one, not to have it sent.
import { randomInt } from 'node:crypto';
import { openSecrets } from '../../src/db/secrets.ts';
import type { TestDatabase } from './db.ts';
import { TEST_KEYS } from './server.ts';

/** A number that nobody had before in this process. */
export const freshNumber = (): string => `+4930${randomInt(10_000_000, 99_999_999)}`;

/** @param phone a fresh one, where none is given */
export async function storedCode(
  db: TestDatabase,
  purpose: 'login' | 'change' | 'release',
  phone = freshNumber(),
): Promise<{ phone: string; code: string }> {
  const secrets = openSecrets({ keys: TEST_KEYS, folder: undefined });
  const [code, id] = [String(randomInt(100_000, 999_999)), crypto.randomUUID()];
  await db.query(
    `insert into phone_verification_codes (id, phone_index, purpose, code_hash, expires_at)
     values ($1, $2, $3, $4, now() + interval '3 minutes')`,
    [id, secrets.blindIndex(phone, 'phone')[0], purpose, secrets.blindIndex(`${id}:${code}`, 'phone-code')[0]],
  );
  return { phone, code };
}
