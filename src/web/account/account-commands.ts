// What one can do about one's account, by name: for the palette, and for menus where the account's own has no room.
import { session } from '../session.ts';
import { openSettings } from '../settings/section.ts';
import { openAccountForm } from './account-dialog-state.ts';
import { goOut } from './leaving.ts';
import { WORDS } from './words.ts';

interface AccountCommand {
  readonly id: string;
  readonly title: string;
  readonly run: () => void;
}

export function accountCommands(): readonly AccountCommand[] {
  if (session.value?.user.kind === 'guest') {
    return [
      { id: 'account', title: `${WORDS.keep}…`, run: () => openAccountForm('sign-up') },
      { id: 'log-in', title: `${WORDS.logIn}…`, run: () => openAccountForm('log-in') },
    ];
  }
  return [
    { id: 'account', title: 'Account and sessions…', run: () => openSettings('account') },
    { id: 'log-out', title: WORDS.logOut, run: () => void goOut() },
  ];
}
