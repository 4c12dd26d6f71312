// Identity: who people are. Guests, accounts, their sign-in sessions, and who is behind a token.
import type { Handlers } from '../kernel/registry.ts';
import { accessTokenHandlers } from './identity/access-tokens.ts';
import { accountHandlers } from './identity/accounts.ts';
import { botHandlers } from './identity/bots.ts';
import { emailHandlers } from './identity/emails.ts';
import { forgottenPasswordHandlers } from './identity/forgotten-passwords.ts';
import { guestHandlers } from './identity/guests.ts';
import { loginHandlers } from './identity/login.ts';
import type { IdentityPorts } from './identity/ports.ts';
import { preferenceHandlers } from './identity/preferences.ts';
import { profileHandlers } from './identity/profile.ts';
import { renewalHandlers } from './identity/renewal.ts';
import { sessionHandlers } from './identity/session-list.ts';

export { type Authenticator, tokenAuthenticator } from './identity/authenticator.ts';

export function identityHandlers(ports: IdentityPorts): Handlers {
  return {
    ...guestHandlers(ports),
    ...accountHandlers(ports),
    ...loginHandlers(ports),
    ...emailHandlers(ports),
    ...forgottenPasswordHandlers(ports),
    ...renewalHandlers(ports),
    ...sessionHandlers(ports),
    ...botHandlers(ports),
    ...accessTokenHandlers,
    ...profileHandlers(ports),
    ...preferenceHandlers(ports),
  };
}
