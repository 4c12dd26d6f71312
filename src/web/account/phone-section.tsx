// The telephone number of an account: given, changed and taken away.
import { useSignal } from '@preact/signals';
import { client } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { notify } from '../state/notices.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { Loaded } from '../ui/loaded.tsx';
import type { Account } from './email-form.tsx';
import { PhoneCodeForm } from './phone-code-form.tsx';
import { type Asked, askedOf, ReleaseFields, useRelease } from './release-fields.tsx';
import { WORDS } from './words.ts';

export function PhoneSection({ account }: { readonly account: Account }) {
  const loading = useLoaded(async () => (await client().call('phone.get', {})).phone);
  const changing = useSignal(false);
  const isChanging = changing.value;
  const close = () => {
    changing.value = false;
  };
  return (
    <section class="settings-group" aria-labelledby="account-phone">
      <h4 id="account-phone">{WORDS.phone}</h4>
      <Loaded of={loading} what="the number" rows={1}>
        {(phone) =>
          isChanging ? (
            <PhoneCodeForm
              class="settings-form account-fields"
              request={(number) => client().call('phone.requestCode', { phone: number, purpose: 'change' })}
              deed={WORDS.saveNumber}
              asked={askedOf(account.hasPassword, phone)}
              use={async (proof) => {
                const known = await client().call('phone.attach', proof);
                loading.change(() => known.phone);
              }}
              onDone={() => {
                close();
                notify({ kind: 'good', text: 'You can log in with a code to this number now.' });
              }}
              onCancel={close}
            />
          ) : (
            <Known
              phone={phone}
              account={account}
              onChange={() => {
                changing.value = true;
              }}
              onRemoved={() => loading.change(() => null)}
            />
          )
        }
      </Loaded>
    </section>
  );
}

interface KnownProps {
  readonly phone: string | null;
  readonly account: Account;
  readonly onChange: () => void;
  readonly onRemoved: () => void;
}

function Known({ phone, account, onChange, onRemoved }: KnownProps) {
  const asking = useSignal(false);
  const isOnlyWay = !account.hasPassword && account.email === null;
  return (
    <>
      <div class="account-line">
        {phone === null ? <span class="hint">{WORDS.noPhone}</span> : <span class="phone-number">{phone}</span>}
        <span class="account-deeds">
          <button type="button" class="button small" onClick={onChange}>
            {phone === null ? 'Add a number…' : 'Change…'}
          </button>
          {phone !== null && !isOnlyWay && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                asking.value = true;
              }}
            >
              Remove…
            </button>
          )}
        </span>
      </div>
      {phone !== null && isOnlyWay && <p class="hint">{WORDS.onlyWay}</p>}
      {phone !== null && asking.value && (
        <Removal
          phone={phone}
          asked={askedOf(account.hasPassword, phone)}
          onRemoved={onRemoved}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </>
  );
}

interface RemovalProps {
  readonly phone: string;
  readonly asked: Asked;
  readonly onRemoved: () => void;
  readonly onClose: () => void;
}

function Removal({ phone, asked, onRemoved, onClose }: RemovalProps) {
  const release = useRelease(asked);
  const form = useForm(() => {
    onClose();
    onRemoved();
  });
  return (
    <Dialog label="Remove the number" class="account" onClose={onClose}>
      <h2>Remove the number?</h2>
      <form
        class="account-form"
        onSubmit={(event) => form.send(event, () => client().call('phone.remove', release.given()))}
      >
        <p>Codes to {phone} will not log you in any more.</p>
        <ReleaseFields release={release} form={form} />
        <FormEnd form={form} deed="Remove the number" onCancel={onClose} danger />
      </form>
    </Dialog>
  );
}
