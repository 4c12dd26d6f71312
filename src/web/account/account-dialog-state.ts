// Which form of signing in is open, for whatever leads there.
import { signal } from '@preact/signals';

/** `sign-up` makes the guest who is here an account; without one, a new account. */
export type AccountForm = 'log-in' | 'code' | 'sign-up' | 'forgotten';

export const openForm = signal<AccountForm | undefined>(undefined);

export function openAccountForm(form: AccountForm): void {
  openForm.value = form;
}
