// Bots and tokens: made here, shown once, taken away.
import { useSignal } from '@preact/signals';
import { Bot as BotIcon, Plus, Terminal } from 'lucide-preact';
import { useEffect, useMemo } from 'preact/hooks';
import { NAME_LENGTH, session } from '../session.ts';
import { Confirm } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { RefusalLine } from '../ui/form-end.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { ago, count } from '../ui/times.ts';
import { type Bot, type BotList, openBotList, type Token } from './bot-list.ts';
import { TokenGroup } from './token-group.tsx';

export function BotsSection() {
  const list = useMemo(openBotList, []);
  const isGuest = session.value?.user.kind === 'guest';
  useEffect(() => {
    if (!isGuest) void list.all.load();
    return list.all.close;
  }, [isGuest]);
  if (isGuest) return <NeedsAccount />;
  return (
    <Loaded of={list.all} what="your bots" rows={3}>
      {({ bots, tokens }) => <BotsAndTokens list={list} bots={bots} tokens={tokens} />}
    </Loaded>
  );
}

function NeedsAccount() {
  return (
    <div class="settings-empty">
      <BotIcon size={32} aria-hidden="true" />
      <p>
        <strong>Bots need an account.</strong>
      </p>
      <p class="hint">
        A bot goes on when you have left, so somebody has to be able to come back and stop it. Make an account, then
        come here again.
      </p>
    </div>
  );
}

function BotsAndTokens({ list, bots, tokens }: { list: BotList; bots: readonly Bot[]; tokens: readonly Token[] }) {
  const own = session.value?.user;
  const ofUser = (userId: string | undefined) => tokens.filter(({ user }) => user.id === userId);
  return (
    <div class="settings-groups">
      <p class="hint">
        A bot joins rooms as a participant of its own: by code, and without a knock where you are a member. It signs in
        with a token.
      </p>
      <NewBot list={list} first={bots.length === 0} />
      {bots.map((bot) => (
        <BotCard key={bot.id} bot={bot} list={list} tokens={ofUser(bot.id)} />
      ))}
      <section class="bot-card" aria-labelledby="own-tokens">
        <header class="bot-head">
          <Terminal size={16} aria-hidden="true" />
          <span class="bot-words">
            <h4 id="own-tokens">Your own tokens</h4>
            <span class="hint">For scripts that act as you.</span>
          </span>
        </header>
        <TokenGroup list={list} tokens={ofUser(own?.id)} holder={undefined} />
      </section>
    </div>
  );
}

function NewBot({ list, first }: { list: BotList; first: boolean }) {
  const name = useSignal('');
  const form = useForm(() => {
    name.value = '';
  });
  const { problem, onType } = form.field('name');
  return (
    <form class="field bot-new" onSubmit={(event) => form.send(event, () => list.create(name.value))}>
      <label for="bot-name">{first ? 'Name of your first bot' : 'New bot'}</label>
      <div class="field-row">
        <input
          id="bot-name"
          class="input"
          required
          autocomplete="off"
          maxLength={NAME_LENGTH}
          placeholder="Reviewer"
          value={name}
          aria-invalid={problem !== undefined}
          aria-describedby="bot-name-hint"
          onInput={(event) => {
            name.value = event.currentTarget.value;
            onType();
          }}
        />
        <button type="submit" class="button primary" aria-busy={form.busy}>
          <Plus size={14} aria-hidden="true" />
          Make bot
        </button>
      </div>
      <p id="bot-name-hint" class="hint bad" hidden={problem === undefined}>
        {problem}
      </p>
      <RefusalLine refusal={form.refusal} />
    </form>
  );
}

function activityOf({ rooms, lastUsedAt }: Bot): string {
  if (rooms > 0) return `in ${count(rooms, 'room')} now`;
  return lastUsedAt ? `last used ${ago(lastUsedAt)}` : 'never used yet';
}

function BotCard({ bot, list, tokens }: { bot: Bot; list: BotList; tokens: readonly Token[] }) {
  const asking = useSignal(false);
  return (
    <section class="bot-card" aria-labelledby={`bot-${bot.id}`}>
      <header class="bot-head">
        <BotIcon size={16} aria-hidden="true" />
        <span class="bot-words">
          <h4 id={`bot-${bot.id}`}>{bot.displayName}</h4>
          <span class="hint">
            Made {ago(bot.createdAt)} · {activityOf(bot)}
          </span>
        </span>
        <button
          type="button"
          class="button small danger"
          aria-label={`Delete ${bot.displayName}`}
          onClick={() => {
            asking.value = true;
          }}
        >
          Delete
        </button>
      </header>
      <TokenGroup list={list} tokens={tokens} holder={bot} />
      {asking.value && (
        <Confirm
          title={`Delete ${bot.displayName}?`}
          text={`It leaves its rooms, and ${count(tokens.length, 'token')} of it end. What it wrote stays, under its name.`}
          deed="Delete the bot"
          onConfirm={() => void list.remove(bot)}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </section>
  );
}
