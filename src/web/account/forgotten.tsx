// The password is forgotten: a letter is asked for. The page learns no more than anybody: not whether there is an account.
import { useSignal } from '@preact/signals';
import { forgotPassword } from '../../client/index.ts';
import { AccountForms, close, EMAIL_LENGTH, Submit } from './account-forms.tsx';
import { useForm } from './form-state.ts';
import { TextField } from './text-field.tsx';
import { WORDS } from './words.ts';

export function Forgotten() {
  const login = useSignal('');
  const sent = useSignal(false);
  const { busy, problems, touch, send } = useForm(() => {
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
        <form class="account-form" onSubmit={(event) => send(event, ask)}>
          <p class="settings-note">{WORDS.forgottenText}</p>
          <TextField
            label={WORDS.login}
            value={login}
            autocomplete="username"
            maxLength={EMAIL_LENGTH}
            problem={problems['login']}
            onType={touch}
          />
          <Submit busy={busy} problem={problems['form']} label="Send the letter" />
        </form>
      )}
    </AccountForms>
  );
}
