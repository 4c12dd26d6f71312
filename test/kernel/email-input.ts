// Valid inputs of the commands about e-mail addresses and forgotten passwords.

import type { CommandName } from '../../src/protocol/index.ts';
import type { TestDatabase } from '../support/db.ts';
import { storedEmail, storedLink } from '../support/email.ts';
import { PASSWORD, PASSWORD_HASH } from '../support/password.ts';

interface Stage {
  readonly db: TestDatabase;
}

type EmailCommand = Extract<CommandName, `${'email' | 'password'}.${string}`>;

export const isEmailCommand = (name: CommandName): name is EmailCommand => /^(email|password)\./.test(name);

/**
 * As `validInput` in stage.ts.
 * @param ownId of the one who calls
 */
export async function emailInput({ db }: Stage, name: EmailCommand, ownId: string): Promise<Record<string, unknown>> {
  switch (name) {
    case 'email.change':
      await db.query('update users set password_hash = $2 where id = $1', [ownId, PASSWORD_HASH]);
      return { email: 'another@example.org', password: PASSWORD };
    case 'email.sendAgain':
      await storedLink(db, { userId: ownId, purpose: 'verify' });
      return {};
    case 'email.verify':
      return { token: await storedLink(db, { userId: await forgetful(db), purpose: 'verify' }) };
    case 'password.forgotten':
      await storedEmail(db, await forgetful(db), 'forgetful@example.org');
      return { login: 'forgetful' };
    case 'password.reset':
      return { token: await storedLink(db, { userId: await forgetful(db), purpose: 'reset' }), password: PASSWORD };
  }
}

/** Somebody whose sessions nobody needs. @returns the id */
async function forgetful(db: TestDatabase): Promise<string> {
  const insert = `insert into users (username, display_name, password_hash) values ('forgetful', 'Forgetful', $1)
    on conflict (lower(username)) do update set status = 'active' returning id`;
  return (await db.query(insert, [PASSWORD_HASH])).rows[0].id;
}
