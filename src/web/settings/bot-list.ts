// Bots and tokens of the one who is signed in, as the server has them, and what can be done with them.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { CommandInput, CommandOutput } from '../../client/index.ts';
import { explain, failure } from '../error-words.ts';
import { client } from '../session.ts';
import { notify } from '../state/notices.ts';

export type Bot = CommandOutput<'bot.list'>['bots'][number];
export type Token = CommandOutput<'token.list'>['tokens'][number];
/** A token as it is shown this once. */
export type NewToken = CommandOutput<'token.create'>;

export type BotsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'here'; readonly bots: readonly Bot[]; readonly tokens: readonly Token[] };

/** As many as an account can have (`TOKENS_MOST`). */
const TOKENS_MOST = 100;

export interface BotList {
  readonly state: ReadonlySignal<BotsState>;
  load(): Promise<void>;
  /** @returns what went wrong */
  create(name: string): Promise<string | undefined>;
  /** @returns the token, or what went wrong */
  grant(wish: CommandInput<'token.create'>): Promise<NewToken | string>;
  revoke(token: Token): Promise<void>;
  remove(bot: Bot): Promise<void>;
}

export function openBotList(): BotList {
  const state = signal<BotsState>({ kind: 'loading' });
  const load = async (): Promise<void> => {
    try {
      const [{ bots }, { tokens }] = await Promise.all([
        client().call('bot.list', {}),
        client().call('token.list', { limit: TOKENS_MOST }),
      ]);
      state.value = { kind: 'here', bots, tokens };
    } catch (error) {
      state.value = { kind: 'failed', text: explain(error).text };
    }
  };
  /** What is taken away is gone from the list only when the server says so. */
  const takeAway = async (what: string, deed: () => Promise<unknown>): Promise<void> => {
    try {
      await deed();
    } catch (error) {
      notify({ kind: 'bad', text: failure(what, error) });
    }
    await load();
  };
  return {
    state,
    load,
    async create(name) {
      try {
        await client().call('bot.create', { name });
        await load();
        return undefined;
      } catch (error) {
        return explain(error).text;
      }
    },
    async grant(wish) {
      try {
        const made = await client().call('token.create', wish);
        await load();
        return made;
      } catch (error) {
        return explain(error).text;
      }
    },
    revoke: (token) =>
      takeAway('The token was not revoked', () => client().call('token.revoke', { tokenId: token.id })),
    remove: (bot) => takeAway('The bot was not deleted', () => client().call('bot.delete', { botId: bot.id })),
  };
}
