// Telephone numbers: proven by a code that is sent there, for signing in without a password and as a second way in.
import { z } from 'zod';
import { typedPassword } from './accounts.ts';
import { command } from './define.ts';
import { signedIn } from './identity.ts';
import { displayName, timestamp } from './ids.ts';

export const CODE_DIGITS = 6;

/** As people write it, with the country: `+49 (30) 901-820`. */
const phone = z
  .string()
  .trim()
  .max(40)
  .regex(/^\+[\d\s()./-]+$/, 'has to begin with + and the country');
const code = z
  .string()
  .trim()
  .regex(/^\d{6}$/, 'has six digits');
/** What a code is good for: signing in, or giving the account of the caller another number. */
const purpose = z.enum(['login', 'change']);

export const phoneRequestCode = command({
  name: 'phone.requestCode',
  summary: 'Have a code sent to a telephone. The answer is the same whether anybody has the number.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/phone/code' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object({ phone, purpose: purpose.default('login') }),
  output: z.object({
    /** The code works until then, five tries long. */
    expiresAt: timestamp,
    /** Milliseconds until another one can be had. */
    retryAfterMs: z.number().int(),
  }),
});

export const phoneVerifyCode = command({
  name: 'phone.verifyCode',
  summary:
    'Sign in with the code. Who has no account yet gets one under the display name; a guest who calls becomes it and keeps everything.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/session/phone' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 60 },
  input: z.object({ phone, code, displayName: displayName.optional() }),
  output: signedIn,
});

export const phoneAttach = command({
  name: 'phone.attach',
  summary:
    'Give the account of the caller a number, in place of the one before; asks for a code of purpose `change`, and for the password where the account has one.',
  access: { scope: 'account' },
  http: { method: 'PUT', path: '/api/me/phone' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object({ phone, code, password: typedPassword.optional() }),
  output: z.object({ phone: z.string() }),
});

export const phoneGet = command({
  name: 'phone.get',
  summary: 'The number of the caller, in the form E.164; null without one.',
  access: { scope: 'user' },
  http: { method: 'GET', path: '/api/me/phone' },
  input: z.object({}),
  output: z.object({ phone: z.string().nullable() }),
});

export const phoneRemove = command({
  name: 'phone.remove',
  summary: 'Take the number away from the account of the caller, who needs another way to sign in.',
  access: { scope: 'account' },
  http: { method: 'DELETE', path: '/api/me/phone' },
  mutates: true,
  rate: { perMinute: 20 },
  input: z.object({}),
  output: z.object({}),
});
