// Who one is here, at the end of the bar: the way in, and what one can do about it.
import { useSignal } from '@preact/signals';
import type { User } from '../../client/index.ts';
import { session } from '../session.ts';
import { openSettings } from '../settings/section.ts';
import { Confirm } from '../ui/dialog.tsx';
import { initials } from '../ui/initials.ts';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { openAccountForm } from './account-dialog-state.ts';
import { goOut } from './leaving.ts';
import { WORDS } from './words.ts';

export function AccountMenu() {
  const user = session.value?.user;
  return user ? <Known user={user} /> : <WaysIn />;
}

function WaysIn() {
  return (
    <span class="ways-in">
      <button type="button" class="button small" onClick={() => openAccountForm('log-in')}>
        {WORDS.logIn}
      </button>
      <button type="button" class="button small" onClick={() => openAccountForm('sign-up')}>
        {WORDS.signUp}
      </button>
    </span>
  );
}

function Known({ user }: { user: User }) {
  const asking = useSignal(false);
  const isGuest = user.kind === 'guest';
  const guest: readonly MenuItem[] = [
    { label: `${WORDS.keep}…`, run: () => openAccountForm('sign-up') },
    { label: `${WORDS.logIn}…`, run: () => openAccountForm('log-in') },
    { label: 'Settings', run: () => openSettings('profile'), apart: true },
    {
      label: `${WORDS.stopGuest}…`,
      apart: true,
      danger: true,
      run: () => {
        asking.value = true;
      },
    },
  ];
  const account: readonly MenuItem[] = [
    { label: 'Account and sessions', run: () => openSettings('account') },
    { label: 'Settings', run: () => openSettings('profile') },
    { label: WORDS.logOut, apart: true, run: () => void goOut() },
  ];
  return (
    <>
      <Menu
        label={`${user.displayName}: ${isGuest ? 'guest' : 'account'}`}
        class="account-button"
        items={isGuest ? guest : account}
      >
        <span
          class={isGuest ? 'account-disc guest' : 'account-disc'}
          data-initials={initials(user.displayName)}
          aria-hidden="true"
        />
      </Menu>
      {asking.value && (
        <Confirm
          title={`Stop being ${user.displayName}?`}
          text="Nobody can come back as this guest: rooms that it opened stay open, but nobody can manage them. With an account you keep them."
          deed={`Stop being ${user.displayName}`}
          onConfirm={() => void goOut()}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </>
  );
}
