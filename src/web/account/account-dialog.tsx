// Logging in, and making an account, over whatever is open.
import { useSignal } from '@preact/signals';
import { UserRoundCheck } from 'lucide-preact';
import { lastName, logInAs, session, signUp } from '../session.ts';
import { notify } from '../state/notices.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { openForm } from './account-dialog-state.ts';
import { AccountForms, close, EMAIL_LENGTH, go, USERNAME_LENGTH } from './account-forms.tsx';
import { Forgotten } from './forgotten.tsx';
import { LogInByCode } from './phone-log-in.tsx';
import { WORDS } from './words.ts';

const TAKEN = { conflict: { username: WORDS.taken } };

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
  const form = useForm(() => {
    close();
    notify({ kind: 'good', text: `You are logged in as ${session.peek()?.user.displayName}.` });
  });
  const guest = session.value?.user.kind === 'guest' ? session.value.user.displayName : undefined;
  return (
    <AccountForms title={WORDS.logInTitle} form="log-in">
      <form
        class="account-form"
        onSubmit={(event) => form.send(event, () => logInAs(login.value.trim(), password.value))}
      >
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
          {...form.field('login')}
        />
        <PasswordField label={WORDS.password} value={password} use="current-password" {...form.field('password')} />
        <button type="button" class="link account-forgotten" onClick={go('forgotten')}>
          {WORDS.forgotten}
        </button>
        <FormEnd form={form} deed={WORDS.logIn} onCancel={close} />
      </form>
    </AccountForms>
  );
}

function SignUp() {
  const username = useSignal('');
  const email = useSignal('');
  const password = useSignal('');
  const isGuest = session.value?.user.kind === 'guest';
  const form = useForm(() => {
    close();
    notify({ kind: 'good', text: isGuest ? 'This is your account now. Everything is where it was.' : 'Welcome.' });
  }, TAKEN);
  const wish = () => ({
    username: username.value.trim(),
    password: password.value,
    ...(email.value.trim() !== '' && { email: email.value.trim() }),
    ...(!isGuest && lastName.value.trim() !== '' && { displayName: lastName.value.trim() }),
  });
  return (
    <AccountForms title={isGuest ? WORDS.keepTitle : WORDS.signUpTitle} form="sign-up">
      <form class="account-form" onSubmit={(event) => form.send(event, () => signUp(wish()))}>
        <p class="account-promise">
          <UserRoundCheck size={16} aria-hidden="true" />
          <span>{isGuest ? WORDS.keepText : WORDS.signUpText}</span>
        </p>
        <TextField
          label={WORDS.username}
          value={username}
          autocomplete="username"
          maxLength={USERNAME_LENGTH}
          {...form.field('username')}
        />
        <PasswordField
          label={WORDS.password}
          value={password}
          use="new-password"
          hint={WORDS.passwordHint}
          {...form.field('password')}
        />
        <TextField
          label={WORDS.email}
          value={email}
          type="email"
          required={false}
          autocomplete="email"
          maxLength={EMAIL_LENGTH}
          hint={WORDS.emailHint}
          {...form.field('email')}
        />
        <FormEnd form={form} deed={WORDS.keep} onCancel={close} />
      </form>
    </AccountForms>
  );
}
