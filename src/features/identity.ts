// Identity: who people are. Guests, accounts, their sign-in sessions, and who is behind a token.
import type { Handlers } from '../kernel/registry.ts';
import { accessTokenHandlers } from './identity/access-tokens.ts';
import { botHandlers } from './identity/bots.ts';
import { guestHandlers } from './identity/guests.ts';
import { preferenceHandlers } from './identity/preferences.ts';
import { type ProfilePorts, profileHandlers } from './identity/profile.ts';

export { type Authenticator, tokenAuthenticator } from './identity/authenticator.ts';

export function identityHandlers(ports: ProfilePorts): Handlers {
  return {
    ...guestHandlers,
    ...botHandlers,
    ...accessTokenHandlers,
    ...profileHandlers(ports),
    ...preferenceHandlers(ports),
  };
}
