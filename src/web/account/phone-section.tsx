// The telephone number of an account: given, changed and taken away.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { explain, failure } from '../error-words.ts';
import { client } from '../session.ts';
import { notify } from '../state/notices.ts';
import { Confirm } from '../ui/dialog.tsx';
import { PhoneCodeForm } from './phone-code-form.tsx';
import { WORDS } from './words.ts';

export function PhoneSection({ hasPassword }: { readonly hasPassword: boolean }) {
  const phone = useSignal<string | null | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const changing = useSignal(false);
  const load = async () => {
    try {
      phone.value = (await client().call('phone.get', {})).phone;
      problem.value = undefined;
    } catch (error) {
      problem.value = explain(error).text;
    }
  };
  useEffect(() => void load(), []);
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
            phone.value = (await client().call('phone.attach', proof)).phone;
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
        <Known
          phone={phone.value}
          problem={problem.value}
          onChange={() => {
            changing.value = true;
          }}
          onRemoved={() => {
            phone.value = null;
          }}
        />
      )}
    </section>
  );
}

interface KnownProps {
  /** Undefined: not known yet. */
  readonly phone: string | null | undefined;
  readonly problem: string | undefined;
  readonly onChange: () => void;
  readonly onRemoved: () => void;
}

function Known({ phone, problem, onChange, onRemoved }: KnownProps) {
  const asking = useSignal(false);
  const remove = async () => {
    try {
      await client().call('phone.remove', {});
      onRemoved();
    } catch (error) {
      notify({ kind: 'bad', text: failure('The number was not removed', error) });
    }
  };
  if (problem !== undefined) return <p class="hint bad">The number could not be loaded. {problem}</p>;
  if (phone === undefined) return <p class="hint account-line">Loading the number…</p>;
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
