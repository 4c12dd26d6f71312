// The telephone number of an account: given, changed and taken away.
import { useSignal } from '@preact/signals';
import { failure } from '../error-words.ts';
import { client } from '../session.ts';
import { useLoaded } from '../state/loading.ts';
import { notify } from '../state/notices.ts';
import { Confirm } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { PhoneCodeForm } from './phone-code-form.tsx';
import { WORDS } from './words.ts';

export function PhoneSection({ hasPassword }: { readonly hasPassword: boolean }) {
  const loading = useLoaded(async () => (await client().call('phone.get', {})).phone);
  const changing = useSignal(false);
  return (
    <section class="settings-group" aria-labelledby="account-phone">
      <h4 id="account-phone">{WORDS.phone}</h4>
      {changing.value ? (
        <PhoneCodeForm
          class="settings-form account-fields"
          request={(number) => client().call('phone.requestCode', { phone: number, purpose: 'change' })}
          deed={WORDS.saveNumber}
          asksPassword={hasPassword}
          use={async (proof) => {
            const { phone } = await client().call('phone.attach', proof);
            loading.change(() => phone);
          }}
          onDone={() => {
            changing.value = false;
            notify({ kind: 'good', text: 'You can log in with a code to this number now.' });
          }}
          onCancel={() => {
            changing.value = false;
          }}
        />
      ) : (
        <Loaded of={loading} what="the number" rows={1}>
          {(phone) => (
            <Known
              phone={phone}
              onChange={() => {
                changing.value = true;
              }}
              onRemoved={() => loading.change(() => null)}
            />
          )}
        </Loaded>
      )}
    </section>
  );
}

interface KnownProps {
  readonly phone: string | null;
  readonly onChange: () => void;
  readonly onRemoved: () => void;
}

function Known({ phone, onChange, onRemoved }: KnownProps) {
  const asking = useSignal(false);
  const remove = async () => {
    try {
      await client().call('phone.remove', {});
      onRemoved();
    } catch (error) {
      notify({ kind: 'bad', text: failure('The number was not removed', error) });
    }
  };
  return (
    <div class="account-line">
      {phone === null ? <span class="hint">{WORDS.noPhone}</span> : <span class="phone-number">{phone}</span>}
      <span class="account-deeds">
        <button type="button" class="button small" onClick={onChange}>
          {phone === null ? 'Add a number…' : 'Change…'}
        </button>
        {phone !== null && (
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
      {asking.value && (
        <Confirm
          title="Remove the number?"
          text={`Codes to ${phone} will not log you in any more.`}
          deed="Remove the number"
          onConfirm={() => void remove()}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </div>
  );
}
