// Accounts: who one is to oneself.
import type { Handlers } from '../../kernel/registry.ts';

export const accountHandlers: Handlers = {
  async 'me.get'(context) {
    return { user: context.user };
  },
};
