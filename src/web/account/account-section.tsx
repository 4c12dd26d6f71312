// The account in the settings: what it is called, its password, and where it is signed in.
import { client, session } from '../session.ts';
import { openSection } from '../settings/section.ts';
import { useLoaded } from '../state/loading.ts';
import { Loaded } from '../ui/loaded.tsx';
import { openAccountForm } from './account-dialog-state.ts';
import { type Account, EmailForm } from './email-form.tsx';
import { OwnDataSection } from './own-data-section.tsx';
import { PasswordForm } from './password-form.tsx';
import { PhoneSection } from './phone-section.tsx';
import { SessionList } from './session-list.tsx';
import { WORDS } from './words.ts';

export function AccountSection() {
  // A guest who becomes an account sees it here at once.
  const loading = useLoaded(async () => (await client().call('account.get', {})).account, [session.value?.user.kind]);
  return (
    <Loaded of={loading} what="the account">
      {(account) => (
        <div class="settings-groups">
          {account ? <Names account={account} /> : <GuestNote />}
          {account && <EmailForm account={account} reload={loading.load} />}
          {account && <PhoneSection account={account} />}
          {account?.hasPassword && <PasswordForm username={account.username} />}
          <SessionList />
          <OwnDataSection hasPassword={account?.hasPassword ?? false} />
        </div>
      )}
    </Loaded>
  );
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
