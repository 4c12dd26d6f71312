// The profile: under which name others see one, and where one is from.
import { useSignal } from '@preact/signals';
import type { CommandOutput } from '../../client/index.ts';
import { client, NAME_LENGTH } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { knowMe } from '../state/preferences.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
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
  const changed = name.value.trim() !== me.user.displayName || country.value !== (me.profile.country ?? '');
  const saved = useSignal(false);
  const form = useForm(() => {
    saved.value = true;
  });
  const save = async () => {
    saved.value = false;
    if (!changed) return false;
    const now = await client().call('me.update', { displayName: name.value.trim(), country: country.value || null });
    knowMe(now.user);
    onSaved(now);
    return true;
  };
  const touch = () => {
    saved.value = false;
    form.touch();
  };
  return (
    <form class="settings-form" onSubmit={(event) => form.send(event, save)}>
      <TextField
        label="Name"
        value={name}
        autocomplete="nickname"
        maxLength={NAME_LENGTH}
        hint="Others see it in the list of people and at your cursor, at once."
        problem={form.field('displayName').problem}
        onType={touch}
      />
      <SelectField
        label="Country"
        value={country}
        choices={[['', 'Not said'], ...countries.map((each) => [each.code, each.name.en] as const)]}
        autocomplete="country"
        hint="Nobody else in a room sees it."
        problem={form.field('country').problem}
        onType={touch}
      />
      <FormEnd form={form} deed="Save" disabled={!changed}>
        <span role="status" class="hint saved">
          {saved.value && 'Saved.'}
        </span>
      </FormEnd>
    </form>
  );
}
