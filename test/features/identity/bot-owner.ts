// Somebody with an account who makes bots and tokens, and what signs in with those.
import { type Answered, call } from '../../support/api.ts';
import type { BareClient } from '../../support/bare-client.ts';
import { type House, openHouse, type Visitor } from '../people.ts';

export interface BotHouse extends House {
  /** Somebody with an account. */
  account(displayName?: string): Promise<Visitor>;
  /** A bot of that account, signed in with a token of these scopes. */
  bot(owner: Visitor, given?: { name?: string; scopes?: readonly string[]; roomId?: string }): Promise<SignedInBot>;
}

export interface SignedInBot {
  readonly id: string;
  readonly token: string;
  readonly tokenId: string;
  readonly client: BareClient;
}

export async function openBotHouse(): Promise<BotHouse> {
  const house = await openHouse();
  const { db } = house;
  return {
    ...house,
    get url() {
      return house.url;
    },
    async account(displayName) {
      const visitor = await house.somebody(displayName);
      await db.query(`update users set kind = 'human', password_hash = 'none' where id = $1`, [visitor.id]);
      visitor.client.close();
      return { ...visitor, client: await house.another(visitor.token) };
    },
    async bot(owner, { name = 'Robot', scopes = ['read', 'write', 'run', 'chat'], ...more } = {}) {
      const { bot } = await owner.client.ask('bot.create', { name });
      const given = { botId: bot.id, name: 'Token', scopes, ...more };
      const { token, accessToken } = await owner.client.ask('token.create', given);
      return { id: bot.id, token, tokenId: accessToken.id, client: await house.another(token) };
    },
  };
}

/** Who a token signs in, over HTTP. */
export const whoIs = (url: string, token: string): Promise<Answered> => call(url, 'GET /api/me', { token });
