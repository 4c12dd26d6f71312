// Accounts: people who sign in with a name and a password.
import { z } from 'zod';
import { command } from './define.ts';
import { signedIn } from './identity.ts';
import { displayName, textBelow } from './ids.ts';

export const USERNAME_LENGTH = 50;
export const PASSWORD_LENGTH = 10;
/** bcrypt reads no more: a longer one would be cut off without a word, so it is refused. */
export const PASSWORD_BYTES = 72;
const DIFFERENT_CHARACTERS = 5;
export const EMAIL_LENGTH = 254;
/** Characters of a name or a password as it was typed, before it is brought into the form that counts. */
const TYPED_LENGTH = 1024;

/** Letters and digits of any script, with dots, dashes and underscores between; never an @, which is for e-mail. */
export const username = textBelow(TYPED_LENGTH)
  .trim()
  .normalize('NFKC')
  .min(2)
  .max(USERNAME_LENGTH)
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._-]*[\p{L}\p{M}\p{N}])?$/u, 'has characters that a user name cannot have')
  .refine((name) => !/^(guest|bot)-/i.test(name), 'is kept for guests and bots');

/**
 * A password as it is typed on any keyboard: in Unicode form NFKC. Strength is length; rules about kinds of characters
 * make passwords that are hard for people only.
 */
const typed = textBelow(TYPED_LENGTH)
  .regex(/^[^\p{Cs}]*$/u, 'has characters that cannot be typed')
  .normalize('NFKC');

export const newPassword = typed
  .refine((text) => Array.from(text).length >= PASSWORD_LENGTH, `has fewer than ${PASSWORD_LENGTH} characters`)
  .refine((text) => new TextEncoder().encode(text).length <= PASSWORD_BYTES, `has more than ${PASSWORD_BYTES} bytes`)
  .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'has characters that cannot be typed')
  .refine((text) => new Set(text).size >= DIFFERENT_CHARACTERS, 'repeats too few characters');

/** A password that is compared, not chosen. */
export const typedPassword = typed.min(1);

export const email = z.string().trim().max(EMAIL_LENGTH).toLowerCase().pipe(z.email());

/** What somebody types to say who they are. */
export const loginName = z
  .string()
  .trim()
  .min(1)
  .max(EMAIL_LENGTH)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'has characters that a name cannot have');

const newAccount = { username, password: newPassword, displayName: displayName.optional(), email: email.optional() };

export const accountRegister = command({
  name: 'account.register',
  summary: 'Make an account and sign in. The e-mail address may be left out; it counts once it is verified.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/account' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 60 },
  input: z.object(newAccount),
  output: signedIn,
});

export const accountUpgrade = command({
  name: 'account.upgrade',
  summary: 'Turn the guest who calls into an account: rooms, files and work stay theirs. Other sessions of theirs end.',
  access: { scope: 'user' },
  http: { method: 'POST', path: '/api/account/upgrade' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object(newAccount),
  output: signedIn,
});

export const accountLogin = command({
  name: 'account.login',
  summary: 'Sign in with a user name or a verified e-mail address, and the password.',
  access: { scope: 'anyone' },
  http: { method: 'POST', path: '/api/session/login' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 120 },
  input: z.object({ login: loginName, password: typedPassword }),
  output: signedIn,
});

export const accountGet = command({
  name: 'account.get',
  summary: 'The account of the one who calls; null for guests and bots.',
  access: { scope: 'user' },
  http: { method: 'GET', path: '/api/account' },
  input: z.object({}),
  output: z.object({
    account: z
      .object({
        username: z.string(),
        role: z.enum(['user', 'power_user', 'admin']),
        email: z.string().nullable(),
        /** An address that waits for its owner to follow the link that was sent there. */
        unverifiedEmail: z.string().nullable(),
        hasPassword: z.boolean(),
      })
      .nullable(),
  }),
});

export const accountChangePassword = command({
  name: 'account.changePassword',
  summary: 'Change the password. All other sessions of the account end.',
  access: { scope: 'account' },
  http: { method: 'POST', path: '/api/account/password' },
  mutates: true,
  transaction: false,
  rate: { perMinute: 20 },
  input: z.object({ password: typedPassword, newPassword }),
  output: z.object({}),
});
