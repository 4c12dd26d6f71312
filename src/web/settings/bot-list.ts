// Bots and tokens of the one who is signed in, as the server has them, and what can be done with them.
import type { CommandInput, CommandOutput } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { client } from '../session.ts';
import { type Loading, openLoading } from '../state/loading.ts';
import { notify } from '../state/notices.ts';

export type Bot = CommandOutput<'bot.list'>['bots'][number];
export type Token = CommandOutput<'token.list'>['tokens'][number];
/** A token as it is shown this once. */
export type NewToken = CommandOutput<'token.create'>;

export interface BotsAndTokens {
  readonly bots: readonly Bot[];
  readonly tokens: readonly Token[];
}

/** As many as an account can have (`TOKENS_MOST`). */
const TOKENS_MOST = 100;

export interface BotList {
  readonly all: Loading<BotsAndTokens>;
  /** @throws CoderoomError */
  create(name: string): Promise<void>;
  /** @throws CoderoomError */
  grant(wish: CommandInput<'token.create'>): Promise<NewToken>;
  revoke(token: Token): Promise<void>;
  remove(bot: Bot): Promise<void>;
}

export function openBotList(): BotList {
  const all = openLoading<BotsAndTokens>(async () => {
    const [{ bots }, { tokens }] = await Promise.all([
      client().call('bot.list', {}),
      client().call('token.list', { limit: TOKENS_MOST }),
    ]);
    return { bots, tokens };
  });
  /** What is taken away is gone from the list only when the server says so. */
  const takeAway = async (what: string, deed: () => Promise<unknown>): Promise<void> => {
    try {
      await deed();
    } catch (error) {
      notify({ kind: 'bad', text: failure(what, error) });
    }
    await all.load();
  };
  return {
    all,
    async create(name) {
      await client().call('bot.create', { name });
      await all.load();
    },
    async grant(wish) {
      const made = await client().call('token.create', wish);
      await all.load();
      return made;
    },
    revoke: (token) =>
      takeAway('The token was not revoked', () => client().call('token.revoke', { tokenId: token.id })),
    remove: (bot) => takeAway('The bot was not deleted', () => client().call('bot.delete', { botId: bot.id })),
  };
}
