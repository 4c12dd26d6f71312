// One's own data: all of it as a file, and its end.
import { useSignal } from '@preact/signals';
import { navigate } from '../routes.ts';
import { client, forget, NAME_LENGTH, session } from '../session.ts';
import { openSection } from '../settings/section.ts';
import { notify } from '../state/notices.ts';
import { useDeed } from '../ui/deed.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { count } from '../ui/times.ts';
import { WORDS } from './words.ts';

export function OwnDataSection({ hasPassword }: { hasPassword: boolean }) {
  const { busy, attempt } = useDeed();
  const asking = useSignal(false);
  const download = async () => {
    const { path } = await client().call('me.export', {});
    // It comes as an attachment: the page stays.
    location.assign(path);
  };
  return (
    <section class="settings-group" aria-labelledby="account-data">
      <h4 id="account-data">Your data</h4>
      <div class="account-line">
        <span class="hint">Everything that this server knows of you, as JSON.</span>
        <button
          type="button"
          class="button small"
          aria-busy={busy}
          onClick={() => attempt('Your data could not be put together', download)}
        >
          Download
        </button>
      </div>
      <div class="account-line">
        <span class="hint">{WORDS.eraseHint}</span>
        <button
          type="button"
          class="button small danger"
          onClick={() => {
            asking.value = true;
          }}
        >
          Erase me…
        </button>
      </div>
      {asking.value && (
        <Erasure
          hasPassword={hasPassword}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </section>
  );
}

interface ErasureProps {
  readonly hasPassword: boolean;
  readonly onClose: () => void;
}

/** What proves that it is meant: the password, or the name typed once more. */
function Erasure({ hasPassword, onClose }: ErasureProps) {
  const password = useSignal('');
  const name = useSignal('');
  const own = session.value?.user.displayName ?? '';
  const form = useForm(() => undefined);
  const erase = async () => {
    const proof = hasPassword ? { password: password.value } : { displayName: name.value.trim() };
    const { roomsHandedOver, roomsClosed } = await client().call('me.erase', proof);
    openSection.value = undefined;
    navigate('/');
    await forget();
    const rooms = `${count(roomsHandedOver, 'room')} handed over, ${count(roomsClosed, 'room')} closed`;
    notify({ kind: 'good', text: `You are erased here: ${rooms}.` });
  };
  return (
    <Dialog label="Erase me" class="account" onClose={onClose}>
      <h2>Erase {own} for good?</h2>
      <form class="account-form" onSubmit={(event) => form.send(event, erase)}>
        <p>{WORDS.eraseText}</p>
        {hasPassword ? (
          <PasswordField
            label={WORDS.currentPassword}
            value={password}
            use="current-password"
            {...form.field('password')}
          />
        ) : (
          <TextField
            label={`Your name, ${own}, once more`}
            value={name}
            autocomplete="off"
            maxLength={NAME_LENGTH}
            {...form.field('displayName')}
          />
        )}
        <FormEnd form={form} deed="Erase me for good" onCancel={onClose} danger />
      </form>
    </Dialog>
  );
}
