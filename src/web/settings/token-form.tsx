// A new token: what it may do, where, and for how long.
import { type Signal, useSignal } from '@preact/signals';
import { SCOPES, type Scope } from '../../protocol/scopes.ts';
import { client } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { NotLoaded } from '../ui/loaded.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import type { Bot, BotList, NewToken } from './bot-list.ts';

const MEANING: Record<Scope, string> = {
  read: 'see rooms, files and output',
  write: 'edit files',
  run: 'run code',
  chat: 'write messages',
};

const DAY_MS = 24 * 60 * 60 * 1000;
const NEVER = '';
/** Days, and how they are called. */
const ENDS = [
  ['30', 'In 30 days'],
  ['90', 'In 90 days'],
  ['365', 'In a year'],
  [NEVER, 'When it is revoked'],
] as const;
/** The server's limit. */
const TOKEN_NAME_LENGTH = 100;

interface FormProps {
  readonly list: BotList;
  readonly holder: Bot | undefined;
  readonly onMade: (token: NewToken) => void;
  readonly onClose: () => void;
}

export function TokenForm({ list, holder, onMade, onClose }: FormProps) {
  const name = useSignal('');
  const scopes = useSignal<readonly Scope[]>(['read', 'write']);
  const roomId = useSignal('');
  const days = useSignal('90');
  const form = useForm(() => undefined);
  const grant = async () => {
    const token = await list.grant({
      name: name.value,
      scopes: [...scopes.value],
      ...(holder && { botId: holder.id }),
      ...(roomId.value !== '' && { roomId: roomId.value }),
      ...(days.value !== NEVER && { expiresAt: new Date(Date.now() + Number(days.value) * DAY_MS).toJSON() }),
    });
    onMade(token);
  };
  return (
    <form
      class="token-form"
      aria-label={holder ? `New token for ${holder.displayName}` : 'New token of your own'}
      onSubmit={(event) => form.send(event, grant)}
    >
      <TextField
        label="What is it for?"
        value={name}
        autocomplete="off"
        maxLength={TOKEN_NAME_LENGTH}
        placeholder="The build server"
        focus
        {...form.field('name')}
      />
      <ScopeChoice scopes={scopes} />
      <div class="token-where">
        <RoomChoice roomId={roomId} isBot={holder !== undefined} />
        <SelectField label="It ends" value={days} choices={ENDS} />
      </div>
      <FormEnd form={form} deed="Make token" onCancel={onClose} />
    </form>
  );
}

function ScopeChoice({ scopes }: { scopes: Signal<readonly Scope[]> }) {
  return (
    <fieldset class="field">
      <legend>It may</legend>
      <div class="scope-choice">
        {SCOPES.map((scope) => (
          <label key={scope} class="check">
            <input
              type="checkbox"
              checked={scopes.value.includes(scope)}
              disabled={scope === 'read'}
              onChange={(event) => {
                const others = scopes.value.filter((each) => each !== scope);
                scopes.value = event.currentTarget.checked ? [...others, scope] : others;
              }}
            />
            <span>
              <strong>{scope}</strong> <span class="muted">{MEANING[scope]}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The open rooms one is a member of; without them the token is for all. */
function RoomChoice({ roomId, isBot }: { roomId: Signal<string>; isBot: boolean }) {
  const loading = useLoaded(async () => (await client().call('room.list', { limit: 100 })).rooms);
  const state = loading.state.value;
  const rooms = state.kind === 'here' ? state.value : [];
  const all = ['', isBot ? 'All rooms that it may enter' : 'All your rooms'] as const;
  const choices = rooms.map((room) => [room.id, `Only ${room.name} (${room.roomCode})`] as const);
  return (
    <SelectField label="In" value={roomId} choices={[all, ...choices]}>
      <NotLoaded of={loading} what="your rooms" />
    </SelectField>
  );
}
