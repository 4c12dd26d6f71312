// Identity: who people are. Guests, accounts, their sign-in sessions, and who is behind a token.
import type { Handlers } from '../kernel/registry.ts';
import { accessTokenHandlers } from './identity/access-tokens.ts';
import { accountHandlers } from './identity/accounts.ts';
import { botHandlers } from './identity/bots.ts';
import { guestHandlers } from './identity/guests.ts';

export { type Authenticator, tokenAuthenticator } from './identity/authenticator.ts';

export const identityHandlers: Handlers = {
  ...guestHandlers,
  ...accountHandlers,
  ...botHandlers,
  ...accessTokenHandlers,
};
