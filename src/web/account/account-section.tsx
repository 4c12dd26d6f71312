// The account in the settings: what it is called, its password, and where it is signed in.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { explain } from '../error-words.ts';
import { client, session } from '../session.ts';
import { openSection } from '../settings/section.ts';
import { openAccountForm } from './account-dialog-state.ts';
import { type Account, EmailForm } from './email-form.tsx';
import { OwnDataSection } from './own-data-section.tsx';
import { PasswordForm } from './password-form.tsx';
import { PhoneSection } from './phone-section.tsx';
import { SessionList } from './session-list.tsx';
import { WORDS } from './words.ts';

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'here'; readonly account: Account | null };

export function AccountSection() {
  const loaded = useSignal<Loaded>({ kind: 'loading' });
  const load = async () => {
    loaded.value = { kind: 'loading' };
    try {
      loaded.value = { kind: 'here', ...(await client().call('account.get', {})) };
    } catch (error) {
      loaded.value = { kind: 'failed', text: explain(error).text };
    }
  };
  // A guest who becomes an account sees it here at once.
  useEffect(() => void load(), [session.value?.user.kind]);
  const { value } = loaded;
  switch (value.kind) {
    case 'loading':
      return (
        <div class="skeleton-rows" role="status" aria-label="Loading the account">
          <span />
          <span />
        </div>
      );
    case 'failed':
      return (
        <p class="empty bad" role="alert">
          The account could not be loaded. {value.text}{' '}
          <button type="button" class="link" onClick={() => void load()}>
            Try again
          </button>
        </p>
      );
    case 'here':
      return (
        <div class="settings-groups">
          {value.account ? <Names account={value.account} /> : <GuestNote />}
          {value.account && <EmailForm account={value.account} reload={load} />}
          {value.account && <PhoneSection hasPassword={value.account.hasPassword} />}
          {value.account?.hasPassword && <PasswordForm username={value.account.username} />}
          <SessionList />
          <OwnDataSection hasPassword={value.account?.hasPassword ?? false} />
        </div>
      );
  }
}

function Names({ account }: { account: Account }) {
  return (
    <section class="settings-group" aria-labelledby="account-names">
      <h4 id="account-names">Account</h4>
      <dl class="facts">
        <dt>{WORDS.username}</dt>
        <dd>{account.username}</dd>
        {account.role !== 'user' && (
          <>
            <dt>Role on this server</dt>
            <dd>{account.role === 'admin' ? 'Administrator' : 'Power user'}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function GuestNote() {
  return (
    <div class="settings-note account-note">
      <p>
        <strong>You are here as a guest.</strong> {WORDS.keepText}
      </p>
      <button
        type="button"
        class="button primary small"
        onClick={() => {
          openSection.value = undefined;
          openAccountForm('sign-up');
        }}
      >
        {WORDS.keep}
      </button>
    </div>
  );
}
