// Somebody with an account who makes bots and tokens, and what signs in with those.
import pg from 'pg';
import { type Answered, call } from '../../support/api.ts';
import type { BareClient } from '../../support/bare-client.ts';
import { type House, openHouse, type Visitor } from '../people.ts';

export interface BotHouse extends House {
  /** The database, as its owner: what no command shows. */
  readonly db: pg.Client;
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
  const db = new pg.Client({ connectionString: house.server.database.url });
  await db.connect();
  return {
    ...house,
    get url() {
      return house.url;
    },
    db,
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
    async close() {
      await db.end();
      await house.close();
    },
  };
}

/** Who a token signs in, over HTTP. */
export const whoIs = (url: string, token: string): Promise<Answered> => call(url, 'GET /api/me', { token });
