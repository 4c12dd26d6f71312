// The profile: under which name others see one, and where one is from.
import { useSignal } from '@preact/signals';
import type { CommandOutput } from '../../client/index.ts';
import { explain } from '../error-words.ts';
import { client, NAME_LENGTH } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { knowMe } from '../state/preferences.ts';
import { Loaded } from '../ui/loaded.tsx';
import { calendarDay } from '../ui/times.ts';

type Me = CommandOutput<'me.get'>;
type Country = CommandOutput<'country.list'>['countries'][number];

export function ProfileSection() {
  const loading = useLoaded(async () => {
    const [me, { countries }] = await Promise.all([client().call('me.get', {}), client().call('country.list', {})]);
    return { me, countries };
  });
  return (
    <Loaded of={loading} what="the profile">
      {({ me, countries }) => (
        <div class="settings-groups">
          <Standing me={me} />
          <ProfileForm
            me={me}
            countries={countries}
            onSaved={(saved) => loading.change(() => ({ me: saved, countries }))}
          />
        </div>
      )}
    </Loaded>
  );
}

function Standing({ me: { user, profile } }: { me: Me }) {
  if (user.kind !== 'guest') return <p class="hint">Here since {calendarDay(profile.memberSince)}.</p>;
  return (
    <p class="settings-note">
      <strong>You are here as a guest.</strong> This browser knows you; no other device does. Bots and tokens need an
      account.
    </p>
  );
}

interface FormProps {
  readonly me: Me;
  readonly countries: readonly Country[];
  readonly onSaved: (me: Me) => void;
}

function ProfileForm({ me, countries, onSaved }: FormProps) {
  const name = useSignal(me.user.displayName);
  const country = useSignal(me.profile.country ?? '');
  const state = useSignal<{ kind: 'idle' | 'busy' | 'saved' } | { kind: 'failed'; text: string }>({ kind: 'idle' });
  const changed = name.value.trim() !== me.user.displayName || country.value !== (me.profile.country ?? '');
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!changed || state.value.kind === 'busy') return;
    state.value = { kind: 'busy' };
    try {
      const wish = { displayName: name.value.trim(), country: country.value || null };
      const now = await client().call('me.update', wish);
      knowMe(now.user);
      onSaved(now);
      state.value = { kind: 'saved' };
    } catch (error) {
      state.value = { kind: 'failed', text: explain(error).text };
    }
  };
  const touch = () => {
    if (state.value.kind !== 'busy') state.value = { kind: 'idle' };
  };
  return (
    <form class="settings-form" onSubmit={(event) => void onSubmit(event)}>
      <div class="field">
        <label for="profile-name">Name</label>
        <input
          id="profile-name"
          class="input"
          required
          autocomplete="nickname"
          maxLength={NAME_LENGTH}
          value={name}
          onInput={(event) => {
            name.value = event.currentTarget.value;
            touch();
          }}
        />
        <p class="hint">Others see it in the list of people and at your cursor, at once.</p>
      </div>
      <CountryField
        chosen={country.value}
        countries={countries}
        onChoose={(code) => {
          country.value = code;
          touch();
        }}
      />
      <div class="form-end">
        <span role="status" class={state.value.kind === 'failed' ? 'hint bad' : 'hint'}>
          {state.value.kind === 'saved' && 'Saved.'}
          {state.value.kind === 'failed' && `Not saved. ${state.value.text}`}
        </span>
        <button type="submit" class="button primary" disabled={!changed} aria-busy={state.value.kind === 'busy'}>
          Save
        </button>
      </div>
    </form>
  );
}

interface CountryProps {
  readonly chosen: string;
  readonly countries: readonly Country[];
  readonly onChoose: (code: string) => void;
}

function CountryField({ chosen, countries, onChoose }: CountryProps) {
  return (
    <div class="field">
      <label for="profile-country">Country</label>
      <select
        id="profile-country"
        class="select"
        autocomplete="country"
        value={chosen}
        onChange={(event) => onChoose(event.currentTarget.value)}
      >
        <option value="">Not said</option>
        {countries.map(({ code, name }) => (
          <option key={code} value={code}>
            {name.en}
          </option>
        ))}
      </select>
      <p class="hint">Nobody else in a room sees it.</p>
    </div>
  );
}
