// The password is forgotten: a letter is asked for. The page learns no more than anybody: not whether there is an account.
import { useSignal } from '@preact/signals';
import { forgotPassword } from '../../client/index.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { AccountForms, close, EMAIL_LENGTH } from './account-forms.tsx';
import { WORDS } from './words.ts';

export function Forgotten() {
  const login = useSignal('');
  const sent = useSignal(false);
  const form = useForm(() => {
    sent.value = true;
  });
  const ask = () => forgotPassword(location.origin, login.value.trim());
  return (
    <AccountForms title={WORDS.forgottenTitle} form="forgotten">
      {sent.value ? (
        <div class="account-form">
          <p role="status">{WORDS.forgottenSent}</p>
          <div class="actions">
            <button type="button" class="button primary" onClick={close}>
              Close
            </button>
          </div>
        </div>
      ) : (
        <form class="account-form" onSubmit={(event) => form.send(event, ask)}>
          <p class="settings-note">{WORDS.forgottenText}</p>
          <TextField
            label={WORDS.login}
            value={login}
            autocomplete="username"
            maxLength={EMAIL_LENGTH}
            {...form.field('login')}
          />
          <FormEnd form={form} deed="Send the letter" onCancel={close} />
        </form>
      )}
    </AccountForms>
  );
}
