// Logging in with a code that is sent to a telephone.
import { requestCode } from '../../client/index.ts';
import { enterByCode, lastName, session } from '../session.ts';
import { notify } from '../state/notices.ts';
import { AccountForms, close } from './account-forms.tsx';
import { PhoneCodeForm } from './phone-code-form.tsx';
import { WORDS } from './words.ts';

export function LogInByCode() {
  const user = session.value?.user;
  const done = () => {
    close();
    notify({ kind: 'good', text: `You are logged in as ${session.peek()?.user.displayName}.` });
  };
  return (
    <AccountForms title={WORDS.logInByCode} form="code">
      {user?.kind === 'guest' && (
        <p class="settings-note">
          Where the number has no account yet, <strong>{user.displayName}</strong> becomes one and keeps everything.
        </p>
      )}
      <PhoneCodeForm
        class="account-form"
        request={(phone) => requestCode(location.origin, phone)}
        deed={WORDS.logIn}
        use={enterByCode}
        name={lastName.peek()}
        onDone={done}
        onCancel={close}
      />
    </AccountForms>
  );
}
