// Where links in letters lead: an address is proven, or a new password is chosen.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { resetPassword, verifyEmail } from '../../client/index.ts';
import { explain } from '../error-words.ts';
import { EntryScreen, HomeLink } from '../room/entry-screen.tsx';
import { navigate } from '../routes.ts';
import { logInAs, session } from '../session.ts';
import { notify } from '../state/notices.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { openAccountForm } from './account-dialog-state.ts';
import { WORDS } from './words.ts';

type Verification =
  | { readonly kind: 'busy' }
  | { readonly kind: 'done'; readonly email: string }
  | { readonly kind: 'failed'; readonly text: string; readonly isFinal: boolean };

export function VerifyPage({ token }: { token: string }) {
  const state = useSignal<Verification>({ kind: 'busy' });
  const verify = async () => {
    state.value = { kind: 'busy' };
    try {
      state.value = { kind: 'done', ...(await verifyEmail(location.origin, token)) };
    } catch (error) {
      const { code, text, reason } = explain(error);
      const isFinal = code === 'not_found' || code === 'conflict';
      state.value = { kind: 'failed', text: isFinal ? text : reason, isFinal };
    }
  };
  useEffect(() => void verify(), [token]);
  const { value } = state;
  switch (value.kind) {
    case 'busy':
      return (
        <EntryScreen title="Confirming your address">
          <p role="status">A moment…</p>
        </EntryScreen>
      );
    case 'done':
      return (
        <EntryScreen title="Your address is confirmed">
          <p>
            You can log in with <strong>{value.email}</strong>, and have a new password sent there.
          </p>
          <WayOn />
        </EntryScreen>
      );
    case 'failed':
      return (
        <EntryScreen title="Your address is not confirmed">
          <p role="alert">{value.text}</p>
          <p class="hint">{WORDS.letterAgain}</p>
          <div class="actions">
            <HomeLink />
            {!value.isFinal && (
              <button type="button" class="button primary" onClick={() => void verify()}>
                Try again
              </button>
            )}
          </div>
        </EntryScreen>
      );
  }
}

/** In this browser somebody is known already, or can log in. */
function WayOn() {
  const logIn = () => {
    navigate('/');
    openAccountForm('log-in');
  };
  return (
    <div class="actions">
      <HomeLink />
      {!session.value && (
        <button type="button" class="button primary" onClick={logIn}>
          {WORDS.logIn}
        </button>
      )}
    </div>
  );
}

export function ResetPage({ token }: { token: string }) {
  const password = useSignal('');
  const form = useForm(() => {
    navigate('/');
    notify({ kind: 'good', text: 'The password is changed. All other sessions have ended.' });
  });
  const choose = async () => {
    const { username } = await resetPassword(location.origin, { token, password: password.value });
    await logInAs(username, password.value);
  };
  return (
    <EntryScreen title="Choose a new password">
      <form class="entry-form" onSubmit={(event) => form.send(event, choose)}>
        <PasswordField
          label={WORDS.newPassword}
          value={password}
          use="new-password"
          hint={WORDS.passwordHint}
          {...form.field('password')}
        />
        <FormEnd form={form} deed="Change password">
          <HomeLink />
        </FormEnd>
      </form>
    </EntryScreen>
  );
}
