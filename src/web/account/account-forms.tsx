// What the forms of signing in have in common: the frame with the way to the other one.
import type { ComponentChildren } from 'preact';
import { Dialog } from '../ui/dialog.tsx';
import { type AccountForm, openForm } from './account-dialog-state.ts';
import { WORDS } from './words.ts';

/** The server's limits (`USERNAME_LENGTH`, `EMAIL_LENGTH`). */
export const USERNAME_LENGTH = 50;
export const EMAIL_LENGTH = 254;

export const close = () => {
  openForm.value = undefined;
};
export const go = (form: AccountForm) => () => {
  openForm.value = form;
};

interface FormsProps {
  readonly title: string;
  readonly form: AccountForm;
  readonly children: ComponentChildren;
}

/** A form, and the way to the other one. */
export function AccountForms({ title, form, children }: FormsProps) {
  const isSignUp = form === 'sign-up';
  const other = form === 'log-in' ? 'code' : 'log-in';
  return (
    <Dialog label={title} class="account" onClose={close}>
      <h2>{title}</h2>
      {children}
      <p class="account-other">
        {isSignUp ? 'An account already?' : 'No account yet?'}{' '}
        <button type="button" class="link" onClick={go(isSignUp ? 'log-in' : 'sign-up')}>
          {isSignUp ? WORDS.logIn : WORDS.signUp}
        </button>
        {!isSignUp && (
          <>
            {' · '}
            <button type="button" class="link" onClick={go(other)}>
              {other === 'code' ? WORDS.logInByCode : 'Log in with a password'}
            </button>
          </>
        )}
      </p>
    </Dialog>
  );
}
