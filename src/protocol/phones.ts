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
/**
 * What a code is good for. `login`: to sign in. `change`: the account of the caller gets the number. `release`: it gives
 * the number up that it has.
 */
const purpose = z.enum(['login', 'change', 'release']);

/** What shows that the account is the caller's, and not only the screen in front of them. */
const proof = {
  /** Of accounts that have one. */
  password: typedPassword.optional(),
  /** Of accounts that have none: of purpose `release`, sent to the number that the account has. */
  releaseCode: code.optional(),
};

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
    'Give the account of the caller a number; asks for a code of purpose `change`, and for the password. An account without a password gives the number before up by a code of purpose `release`.',
  access: { scope: 'account' },
  http: { method: 'PUT', path: '/api/me/phone' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object({ phone, code, ...proof }),
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
  summary:
    'Take the number away from the account of the caller, who needs another way to sign in; asks for the password, or for a code of purpose `release` where there is none.',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/me/phone/remove' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object(proof),
  output: z.object({}),
});
