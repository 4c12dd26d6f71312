// Valid inputs of the commands about accounts, their telephones and sign-in sessions.

import type { CommandName } from '../../src/protocol/index.ts';
import { call, type Guest } from '../support/api.ts';
import type { TestDatabase } from '../support/db.ts';
import { PASSWORD, PASSWORD_HASH } from '../support/password.ts';
import { freshNumber, storedCode } from '../support/phone-code.ts';

interface Stage {
  readonly url: string;
  readonly db: TestDatabase;
  readonly people: Readonly<Record<'owner', Guest>>;
}

type AccountCommand = Extract<CommandName, `${'account' | 'session' | 'phone'}.${string}`>;

export const isAccountCommand = (name: CommandName): name is AccountCommand => /^(account|session|phone)\./.test(name);

/**
 * As `validInput` in stage.ts.
 * @param ownId of the one who calls; undefined for nobody
 */
export async function accountInput(
  stage: Stage,
  name: AccountCommand,
  ownId = stage.people.owner.id,
): Promise<Record<string, unknown>> {
  const { people } = stage;
  switch (name) {
    case 'account.get':
    case 'session.list':
    case 'phone.get':
      return {};
    case 'phone.requestCode':
      return { phone: freshNumber() };
    case 'phone.verifyCode':
      return { ...(await storedCode(stage.db, 'login')), displayName: 'Somebody' };
    case 'phone.attach':
      await account(stage, ownId);
      return { ...(await storedCode(stage.db, 'change')), password: PASSWORD };
    case 'phone.remove':
      await account(stage, ownId);
      return { password: PASSWORD };
    case 'account.register':
      return { username: crypto.randomUUID(), displayName: 'Somebody', password: PASSWORD };
    case 'account.upgrade':
      await stage.db.query(`update users set kind = 'guest' where id = $1`, [ownId]);
      return { username: crypto.randomUUID(), password: PASSWORD };
    case 'account.login':
      return { login: await account(stage, people.owner.id), password: PASSWORD };
    case 'account.changePassword':
      await account(stage, people.owner.id);
      return { password: PASSWORD, newPassword: PASSWORD };
    case 'account.logoutEverywhere':
      return { keepThis: true };
    case 'account.logout':
    case 'session.refresh':
      return { refreshToken: await freshRefreshToken(stage) };
    case 'session.revoke':
      return { sessionId: await anotherSession(stage, ownId) };
  }
}

/** Gives the user a name and the password PASSWORD. @returns the name */
async function account({ db }: Stage, userId: string): Promise<string> {
  const username = `account-${userId}`;
  await db.query('update users set username = $2, password_hash = $3 where id = $1', [userId, username, PASSWORD_HASH]);
  return username;
}

async function freshRefreshToken({ url }: Stage): Promise<string> {
  const { data } = await call(url, 'POST /api/guests', { body: { displayName: 'Passer-by', renewable: true } });
  return data.refreshToken;
}

async function anotherSession({ db }: Stage, userId: string): Promise<string> {
  const insert = `insert into user_sessions (user_id, token_hash, expires_at)
    values ($1, sha256(new_id()::text::bytea), now() + interval '1 hour') returning id`;
  return (await db.query(insert, [userId])).rows[0].id;
}
