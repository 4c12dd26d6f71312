// Logging in, and making an account, over whatever is open.
import { useSignal } from '@preact/signals';
import { UserRoundCheck } from 'lucide-preact';
import { lastName, logInAs, session, signUp } from '../session.ts';
import { notify } from '../state/notices.ts';
import { openForm } from './account-dialog-state.ts';
import { AccountForms, close, EMAIL_LENGTH, go, Submit, USERNAME_LENGTH } from './account-forms.tsx';
import { Forgotten } from './forgotten.tsx';
import { useForm } from './form-state.ts';
import { PasswordField } from './password-field.tsx';
import { LogInByCode } from './phone-log-in.tsx';
import { TextField } from './text-field.tsx';
import { WORDS } from './words.ts';

export function AccountDialog() {
  switch (openForm.value) {
    case 'log-in':
      return <LogIn />;
    case 'code':
      return <LogInByCode />;
    case 'sign-up':
      return <SignUp />;
    case 'forgotten':
      return <Forgotten />;
    default:
      return null;
  }
}

function LogIn() {
  const login = useSignal('');
  const password = useSignal('');
  const { busy, problems, touch, send } = useForm(() => {
    close();
    notify({ kind: 'good', text: `You are logged in as ${session.peek()?.user.displayName}.` });
  });
  const guest = session.value?.user.kind === 'guest' ? session.value.user.displayName : undefined;
  return (
    <AccountForms title={WORDS.logInTitle} form="log-in">
      <form class="account-form" onSubmit={(event) => send(event, () => logInAs(login.value.trim(), password.value))}>
        {guest !== undefined && (
          <p class="settings-note">
            What <strong>{guest}</strong> did here as a guest stays with that guest. To keep it,{' '}
            <button type="button" class="link" onClick={go('sign-up')}>
              make an account
            </button>{' '}
            instead.
          </p>
        )}
        <TextField
          label={WORDS.login}
          value={login}
          autocomplete="username"
          maxLength={EMAIL_LENGTH}
          problem={problems['login']}
          onType={touch}
        />
        <PasswordField
          label={WORDS.password}
          value={password}
          use="current-password"
          problem={problems['password']}
          onType={touch}
        />
        <button type="button" class="link account-forgotten" onClick={go('forgotten')}>
          {WORDS.forgotten}
        </button>
        <Submit busy={busy} problem={problems['form']} label={WORDS.logIn} />
      </form>
    </AccountForms>
  );
}

function SignUp() {
  const username = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const isGuest = session.value?.user.kind === 'guest';
  const { busy, problems, touch, send } = useForm(() => {
    close();
    notify({ kind: 'good', text: isGuest ? 'This is your account now. Everything is where it was.' : 'Welcome.' });
  });
  const wish = () => ({
    username: username.value.trim(),
    password: password.value,
    ...(email.value.trim() !== '' && { email: email.value.trim() }),
    ...(!isGuest && lastName.value.trim() !== '' && { displayName: lastName.value.trim() }),
  });
  return (
    <AccountForms title={isGuest ? WORDS.keepTitle : WORDS.signUpTitle} form="sign-up">
      <form class="account-form" onSubmit={(event) => send(event, () => signUp(wish()))}>
        <p class="account-promise">
          <UserRoundCheck size={16} aria-hidden="true" />
          <span>{isGuest ? WORDS.keepText : WORDS.signUpText}</span>
        </p>
        <TextField
          label={WORDS.username}
          value={username}
          autocomplete="username"
          maxLength={USERNAME_LENGTH}
          problem={problems['username']}
          onType={touch}
        />
        <PasswordField
          label={WORDS.password}
          value={password}
          use="new-password"
          hint={WORDS.passwordHint}
          problem={problems['password']}
          onType={touch}
        />
        <TextField
          label={WORDS.email}
          value={email}
          type="email"
          required={false}
          autocomplete="email"
          maxLength={EMAIL_LENGTH}
          hint={WORDS.emailHint}
          problem={problems['email']}
          onType={touch}
        />
        <Submit busy={busy} problem={problems['form'] ?? problems['displayName']} label={WORDS.keep} />
      </form>
    </AccountForms>
  );
}
