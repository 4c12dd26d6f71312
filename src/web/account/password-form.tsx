// Another password. Everybody who is signed in elsewhere is signed out by it.
import { useSignal } from '@preact/signals';
import { client } from '../session.ts';
import { notify } from '../state/notices.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { WORDS } from './words.ts';

export function PasswordForm({ username }: { username: string }) {
  const open = useSignal(false);
  return (
    <section class="settings-group" aria-labelledby="account-password">
      <h4 id="account-password">{WORDS.password}</h4>
      {open.value ? (
        <Fields
          username={username}
          onClose={() => {
            open.value = false;
          }}
        />
      ) : (
        <div class="account-line">
          <span class="hint">A new password ends all other sessions.</span>
          <button
            type="button"
            class="button small"
            onClick={() => {
              open.value = true;
            }}
          >
            Change password…
          </button>
        </div>
      )}
    </section>
  );
}

const WRONG = { wrong_credentials: { password: 'The password is not right.' } };

function Fields({ username, onClose }: { username: string; onClose: () => void }) {
  const password = useSignal('');
  const newPassword = useSignal('');
  const form = useForm(() => {
    notify({ kind: 'good', text: 'The password is changed. Other sessions have ended.' });
    onClose();
  }, WRONG);
  const change = () =>
    client().call('account.changePassword', { password: password.value, newPassword: newPassword.value });
  return (
    <form class="settings-form account-fields" onSubmit={(event) => form.send(event, change)}>
      {/* For the browser's own store of passwords: whose it is. */}
      <input type="text" autocomplete="username" value={username} hidden readOnly />
      <PasswordField
        label={WORDS.currentPassword}
        value={password}
        use="current-password"
        {...form.field('password')}
      />
      <PasswordField
        label={WORDS.newPassword}
        value={newPassword}
        use="new-password"
        hint={WORDS.passwordHint}
        {...form.field('newPassword')}
      />
      <FormEnd form={form} deed="Change password" onCancel={onClose} />
    </form>
  );
}
