// E-mail addresses and links as the server stores them: for tests that want to use one, not to have it sent.
import { createHash, randomBytes } from 'node:crypto';
import { openSecrets } from '../../src/db/secrets.ts';
import type { TestDatabase } from './db.ts';
import { TEST_KEYS } from './server.ts';

const secrets = openSecrets({ keys: TEST_KEYS, folder: undefined });

/** Gives a user a proven address. */
export async function storedEmail(db: TestDatabase, userId: string, email: string): Promise<void> {
  const sealed = secrets.seal(email, `users.email_encrypted:${userId}`);
  await db.query('update users set email_encrypted = $2, email_index = $3, email_verified_at = now() where id = $1', [
    userId,
    sealed,
    secrets.blindIndex(email, 'email')[0],
  ]);
}

/** Makes a link for a user, in place of those for the same purpose. @returns what stands behind its # */
export async function storedLink(
  db: TestDatabase,
  { userId, purpose }: { userId: string; purpose: 'verify' | 'reset' },
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest();
  const email = `${userId}@example.org`;
  await db.query('delete from email_tokens where user_id = $1 and purpose = $2', [userId, purpose]);
  await db.query(
    `insert into email_tokens (user_id, purpose, token_hash, email_encrypted, email_index, expires_at)
     values ($1, $2, $3, $4, $5, now() + interval '1 hour')`,
    [
      userId,
      purpose,
      hash,
      secrets.seal(email, `email_tokens.email_encrypted:${hash.toString('hex')}`),
      secrets.blindIndex(email, 'email')[0],
    ],
  );
  return token;
}
