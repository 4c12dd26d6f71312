// The e-mail address of the account: which one counts, which one waits for its letter to be answered, and another one.
import { useSignal } from '@preact/signals';
import type { CommandOutput } from '../../client/index.ts';
import { client } from '../session.ts';
import { notify } from '../state/notices.ts';
import { useDeed } from '../ui/deed.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { EMAIL_LENGTH } from './account-forms.tsx';
import { WORDS } from './words.ts';

export type Account = NonNullable<CommandOutput<'account.get'>['account']>;

interface EmailProps {
  readonly account: Account;
  /** Looks again at how the account is. */
  readonly reload: () => Promise<void>;
}

export function EmailForm({ account, reload }: EmailProps) {
  const open = useSignal(false);
  const { email, unverifiedEmail } = account;
  const close = () => {
    open.value = false;
  };
  return (
    <section class="settings-group" aria-labelledby="account-email">
      <h4 id="account-email">{WORDS.email}</h4>
      {unverifiedEmail !== null && <Waiting email={unverifiedEmail} />}
      {open.value ? (
        <Fields account={account} onClose={close} onChanged={reload} />
      ) : (
        <div class="account-line">
          <span class="hint">{email ?? (unverifiedEmail === null ? WORDS.noEmail : WORDS.noEmailYet)}</span>
          <button
            type="button"
            class="button small"
            onClick={() => {
              open.value = true;
            }}
          >
            {email === null && unverifiedEmail === null ? 'Add an address…' : 'Change the address…'}
          </button>
        </div>
      )}
    </section>
  );
}

function Waiting({ email }: { email: string }) {
  const { busy, attempt } = useDeed();
  const sendAgain = async () => {
    await client().call('email.sendAgain', {});
    notify({ kind: 'good', text: `Another letter is on its way to ${email}.` });
  };
  return (
    <div class="account-line">
      <span>
        {email} <span class="hint">— not confirmed yet: follow the link that was sent there.</span>
      </span>
      <button
        type="button"
        class="button small"
        aria-busy={busy}
        onClick={() => attempt('The letter was not sent', sendAgain)}
      >
        Send it again
      </button>
    </div>
  );
}

interface FieldsProps {
  readonly account: Account;
  readonly onClose: () => void;
  readonly onChanged: () => Promise<void>;
}

function Fields({ account, onClose, onChanged }: FieldsProps) {
  const email = useSignal('');
  const password = useSignal('');
  const form = useForm(() => {
    const to = email.peek().trim();
    notify({ kind: 'good', text: to === '' ? 'The address is taken out.' : `A letter is on its way to ${to}.` });
    onClose();
    void onChanged();
  });
  const change = () => {
    const wish = email.value.trim();
    const proof = account.hasPassword ? { password: password.value } : {};
    return client().call('email.change', { email: wish === '' ? null : wish, ...proof });
  };
  return (
    <form class="settings-form account-fields" onSubmit={(event) => form.send(event, change)}>
      <input type="text" autocomplete="username" value={account.username} hidden readOnly />
      <TextField
        label="New address"
        value={email}
        type="email"
        required={false}
        autocomplete="email"
        maxLength={EMAIL_LENGTH}
        hint="Empty: the account has none."
        {...form.field('email')}
      />
      {account.hasPassword && (
        <PasswordField
          label={WORDS.currentPassword}
          value={password}
          use="current-password"
          {...form.field('password')}
        />
      )}
      <FormEnd form={form} deed="Change the address" onCancel={onClose} />
    </form>
  );
}
