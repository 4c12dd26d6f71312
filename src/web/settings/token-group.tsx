// The tokens of one bot, or of oneself: what each may do, when it was used, and the way to end it.
import { useSignal } from '@preact/signals';
import { KeyRound, Plus } from 'lucide-preact';
import { Confirm } from '../ui/dialog.tsx';
import { ago, calendarDay } from '../ui/times.ts';
import type { Bot, BotList, NewToken, Token } from './bot-list.ts';
import { ShownOnce } from './shown-once.tsx';
import { TokenForm } from './token-form.tsx';

interface GroupProps {
  readonly list: BotList;
  readonly tokens: readonly Token[];
  /** Undefined: oneself. */
  readonly holder: Bot | undefined;
}

export function TokenGroup({ list, tokens, holder }: GroupProps) {
  const making = useSignal(false);
  const made = useSignal<NewToken | undefined>(undefined);
  return (
    <div class="token-group">
      {tokens.length > 0 && (
        <ul class="token-list">
          {tokens.map((token) => (
            <TokenRow key={token.id} token={token} list={list} fresh={made.value?.accessToken.id === token.id} />
          ))}
        </ul>
      )}
      {made.value && (
        <ShownOnce
          made={made.value}
          onClose={() => {
            made.value = undefined;
          }}
        />
      )}
      {making.value ? (
        <TokenForm
          list={list}
          holder={holder}
          onMade={(token) => {
            made.value = token;
            making.value = false;
          }}
          onClose={() => {
            making.value = false;
          }}
        />
      ) : (
        <button
          type="button"
          class="button small token-more"
          aria-label={holder ? `New token for ${holder.displayName}` : 'New token of your own'}
          onClick={() => {
            made.value = undefined;
            making.value = true;
          }}
        >
          <Plus size={14} aria-hidden="true" />
          New token
        </button>
      )}
    </div>
  );
}

function TokenRow({ token, list, fresh }: { token: Token; list: BotList; fresh: boolean }) {
  const asking = useSignal(false);
  const isOver = token.expiresAt !== null && Date.parse(token.expiresAt) <= Date.now();
  return (
    <li class={`token-row ${fresh ? 'fresh' : ''}`}>
      <KeyRound size={14} aria-hidden="true" />
      <span class="token-words">
        <span class="token-name">
          <strong class="cut" title={token.name}>
            {token.name}
          </strong>
          <code class="muted">crt_…{token.lastFour}</code>
        </span>
        <span class="token-facts">
          {token.scopes.map((scope) => (
            <span key={scope} class="scope">
              {scope}
            </span>
          ))}
          <span>{token.room ? `only ${token.room.name}` : 'all its rooms'}</span>
          <span>{token.lastUsedAt ? `used ${ago(token.lastUsedAt)}` : 'never used'}</span>
          <span class={isOver ? 'bad' : ''}>{endOf(token, isOver)}</span>
        </span>
      </span>
      <button
        type="button"
        class="button small"
        aria-label={`Revoke ${token.name}`}
        onClick={() => {
          asking.value = true;
        }}
      >
        Revoke
      </button>
      {asking.value && (
        <Confirm
          title={`Revoke ${token.name}?`}
          text="Whatever signs in with it is cut off at once, and this cannot be undone."
          deed="Revoke the token"
          onConfirm={() => void list.revoke(token)}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
}

function endOf({ expiresAt }: Token, isOver: boolean): string {
  if (expiresAt === null) return 'no end';
  return `${isOver ? 'ended' : 'until'} ${calendarDay(expiresAt)}`;
}
