// A telephone number and the code that is sent there, one after the other.
import { type Signal, useSignal } from '@preact/signals';
import { CoderoomError } from '../../client/index.ts';
import { NAME_LENGTH } from '../session.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';
import { type Asked, ReleaseFields, useRelease } from './release-fields.tsx';
import { CodeField, type SentCode, useSentCode } from './sent-code.tsx';
import { countdown, type Wait } from './wait.ts';
import { WORDS } from './words.ts';

/** The server's limit. */
const PHONE_LENGTH = 40;

const WRONG_CODE = { wrong_credentials: { code: WORDS.wrongCode } };

export interface Proof {
  readonly phone: string;
  readonly code: string;
  /** Asked for when the server needs one. */
  readonly displayName?: string;
  readonly password?: string;
  readonly releaseCode?: string;
}

interface CodeFormProps {
  /** @returns milliseconds until the next code can be had */
  readonly request: (phone: string) => Promise<{ readonly retryAfterMs: number }>;
  /** What the last button says. */
  readonly deed: string;
  readonly use: (proof: Proof) => Promise<unknown>;
  readonly onDone: () => void;
  readonly onCancel: () => void;
  /** What the name is taken from where one is needed. */
  readonly name?: string;
  /** What else is needed: the number becomes a way into an account that there is already. */
  readonly asked?: Asked;
  readonly class: string;
}

export function PhoneCodeForm(props: CodeFormProps) {
  const phone = useSignal('');
  const sentTo = useSignal<string | undefined>(undefined);
  const sent = useSentCode(props.request);
  const request = async () => {
    const wish = phone.peek().trim();
    await sent.request(wish);
    sentTo.value = wish;
  };
  return sentTo.value === undefined ? (
    <NumberStep {...props} phone={phone} request={request} next={sent.next} />
  ) : (
    <CodeStep
      {...props}
      phone={sentTo.value}
      sent={sent}
      again={request}
      onBack={() => {
        sentTo.value = undefined;
      }}
    />
  );
}

interface NumberProps extends Pick<CodeFormProps, 'class' | 'onCancel'> {
  readonly phone: Signal<string>;
  readonly request: () => Promise<void>;
  readonly next: Wait;
}

function NumberStep({ class: look, onCancel, phone, request, next }: NumberProps) {
  const form = useForm(() => undefined);
  // What was typed under the wait of another number may be tried.
  const waiting = next.seconds > 0 && form.refusal !== undefined;
  return (
    <form class={look} onSubmit={(event) => form.send(event, request)}>
      <TextField
        label={WORDS.phoneNumber}
        value={phone}
        type="tel"
        autocomplete="tel"
        maxLength={PHONE_LENGTH}
        hint={WORDS.phoneHint}
        {...form.field('phone')}
        focus
      />
      <FormEnd
        form={form}
        deed={waiting ? `Send a code in ${countdown(next.seconds)}` : 'Send a code'}
        onCancel={onCancel}
        disabled={waiting}
      />
    </form>
  );
}

interface CodeProps extends Pick<CodeFormProps, 'class' | 'use' | 'deed' | 'name' | 'onDone' | 'asked'> {
  readonly phone: string;
  readonly sent: SentCode;
  readonly again: () => Promise<void>;
  readonly onBack: () => void;
}

const NOTHING: Asked = { kind: 'nothing' };

function useEntry({ phone, use, onDone, name: known = '', asked = NOTHING }: CodeProps) {
  const code = useSignal('');
  const release = useRelease(asked);
  const name = useSignal(known);
  const needsName = useSignal(false);
  const form = useForm(onDone, WRONG_CODE);
  const another = useForm(() => {
    code.value = '';
    form.touch();
  });
  const enter = async () => {
    const proof = {
      phone,
      code: code.peek().trim(),
      ...(needsName.peek() && { displayName: name.peek().trim() }),
      ...release.given(),
    };
    try {
      await use(proof);
      return true;
    } catch (error) {
      if (needsName.peek() || !asksForName(error)) throw error;
      // The form stays until there is a name.
      needsName.value = true;
      return false;
    }
  };
  return { code, release, name, needsName, form, another, enter };
}

function CodeStep(props: CodeProps) {
  const { class: look, phone, deed, onBack, sent } = props;
  const { code, release, name, needsName, form, another, enter } = useEntry(props);
  return (
    <form class={look} onSubmit={(event) => form.send(event, enter)}>
      <p class="code-sent" role="status">
        A code was sent to <strong>{phone}</strong>.{' '}
        <button type="button" class="link" onClick={onBack}>
          Another number
        </button>
      </p>
      <CodeField label={WORDS.code} value={code} life={sent.life} {...form.field('code')} focus />
      <ReleaseFields release={release} form={form} />
      {needsName.value && (
        <TextField
          label={WORDS.yourName}
          value={name}
          autocomplete="nickname"
          maxLength={NAME_LENGTH}
          hint={WORDS.newNumber}
          {...form.field('displayName')}
          focus
        />
      )}
      <FormEnd form={form} deed={needsName.value ? WORDS.keep : deed} refusal={another.refusal ?? form.refusal}>
        <button
          type="button"
          class="button"
          disabled={sent.next.seconds > 0}
          onClick={(event) => another.send(event, props.again)}
        >
          {sent.next.seconds > 0 ? `Another code in ${countdown(sent.next.seconds)}` : 'Another code'}
        </button>
      </FormEnd>
    </form>
  );
}

function asksForName(error: unknown): boolean {
  if (!(error instanceof CoderoomError) || error.code !== 'invalid_input') return false;
  const { issues } = (error.details ?? {}) as { issues?: readonly { readonly path: string }[] };
  return issues?.some(({ path }) => path === 'displayName') === true;
}
