// What shows that the account is one's own before it gets a number, or loses one: its password; where it has none, a code to
// the number that it has.
import { type Signal, useSignal } from '@preact/signals';
import { client } from '../session.ts';
import { type FormState, useForm } from '../ui/form.ts';
import { RefusalLine } from '../ui/form-end.tsx';
import { PasswordField } from '../ui/password-field.tsx';
import { CodeField, useSentCode } from './sent-code.tsx';
import { countdown } from './wait.ts';
import { WORDS } from './words.ts';

export type Asked =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'password' }
  | { readonly kind: 'code'; readonly phone: string };

/** @param phone the number that the account has */
export function askedOf(hasPassword: boolean, phone: string | null): Asked {
  if (hasPassword) return { kind: 'password' };
  return phone === null ? { kind: 'nothing' } : { kind: 'code', phone };
}

export interface Release {
  readonly asked: Asked;
  /** What is typed. */
  readonly value: Signal<string>;
  /** For the input of the command. */
  readonly given: () => { readonly password?: string; readonly releaseCode?: string };
}

export function useRelease(asked: Asked): Release {
  const value = useSignal('');
  return {
    asked,
    value,
    given() {
      if (asked.kind === 'nothing') return {};
      return asked.kind === 'password' ? { password: value.peek() } : { releaseCode: value.peek().trim() };
    },
  };
}

export function ReleaseFields({ release, form }: { readonly release: Release; readonly form: FormState }) {
  const { asked, value } = release;
  switch (asked.kind) {
    case 'nothing':
      return null;
    case 'password':
      return (
        <PasswordField label={WORDS.currentPassword} value={value} use="current-password" {...form.field('password')} />
      );
    case 'code':
      return <ReleaseCode phone={asked.phone} value={value} form={form} />;
  }
}

interface ReleaseCodeProps {
  readonly phone: string;
  readonly value: Signal<string>;
  readonly form: FormState;
}

function ReleaseCode({ phone, value, form }: ReleaseCodeProps) {
  const sent = useSignal(false);
  const code = useSentCode((to) => client().call('phone.requestCode', { phone: to, purpose: 'release' }));
  const sending = useForm(() => {
    sent.value = true;
    value.value = '';
    form.touch();
  });
  const { seconds } = code.next;
  const deed = sent.value ? 'Another one' : 'Send the code';
  return (
    <>
      <p class="code-sent" role="status">
        {sent.value ? 'A code was sent to your present number, ' : WORDS.releaseText}
        <strong>{phone}</strong>.
      </p>
      <div class="release-code">
        {/* Another one once a code was sent: the next key belongs there. */}
        <CodeField
          key={String(sent.value)}
          focus={sent.value}
          label={WORDS.releaseCode}
          value={value}
          life={code.life}
          unsent={sent.value ? undefined : 'Six digits.'}
          {...form.field('releaseCode')}
        />
        <button
          type="button"
          class="button small"
          aria-busy={sending.busy}
          disabled={seconds > 0}
          onClick={(event) => sending.send(event, () => code.request(phone))}
        >
          {seconds > 0 ? `${deed} in ${countdown(seconds)}` : deed}
        </button>
      </div>
      <RefusalLine refusal={sending.refusal} />
    </>
  );
}
