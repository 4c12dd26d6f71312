// E-mail addresses of accounts, and what their letters are for: to prove an address, and to come back without a password.
import { z } from 'zod';
import { email, loginName, newPassword, typedPassword } from './accounts.ts';
import { command } from './define.ts';

/** What stands behind the # of a link in a letter. */
const linkToken = z.string().min(1).max(200);

export const emailChange = command({
  name: 'email.change',
  summary:
    'Use another e-mail address, or none. A letter goes to the new one, which counts once its link has been followed; until then the one before does. Needs the password, where the account has one.',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/account/email' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object({ email: email.nullable(), password: typedPassword.optional() }),
  output: z.object({}),
});

export const emailSendAgain = command({
  name: 'email.sendAgain',
  summary: 'Send the letter again that proves an address. Links of earlier letters stop to work.',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/account/email/letter' },
  mutates: true,
  rate: { perMinute: 20 },
  input: z.object({}),
  output: z.object({}),
});

export const emailVerify = command({
  name: 'email.verify',
  summary: 'Prove an address with the link of a letter; nobody needs to be signed in.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/account/email/verify' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 60 },
  input: z.object({ token: linkToken }),
  output: z.object({ email: z.string() }),
});

export const passwordForgotten = command({
  name: 'password.forgotten',
  summary:
    'Have a letter sent with a link for a new password. Whether there is such an account, or a proven address, the answer does not tell.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/account/password/forgotten' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 60 },
  input: z.object({ login: loginName }),
  output: z.object({}),
});

export const passwordReset = command({
  name: 'password.reset',
  summary:
    'Set a new password with the link of a letter. All sessions of the account end. The answer says whose it is.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/account/password/reset' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 60 },
  input: z.object({ token: linkToken, password: newPassword }),
  output: z.object({ username: z.string() }),
});
