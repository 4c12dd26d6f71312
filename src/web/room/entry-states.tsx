// What stands where the room would be: asked for a name, coming in, or not let in, each with the way out.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { CoderoomError } from '../../client/index.ts';
import { formatRoomCode, normalizeRoomCode } from '../../protocol/room-code.ts';
import { openAccountForm } from '../account/account-dialog-state.ts';
import { explain, isBan } from '../error-words.ts';
import { NameField } from '../home/name-field.tsx';
import { client, connection, lastName, session, signedOut, signIn } from '../session.ts';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { EntryScreen, HomeLink } from './entry-screen.tsx';
import { Skeleton } from './skeleton.tsx';

/** Asked once; the browser remembers. */
export function NameScreen({ code }: { code: string }) {
  const name = useSignal(lastName.peek());
  const form = useForm(() => undefined);
  return (
    <EntryScreen title={`Join ${formatRoomCode(code)}`}>
      <form class="entry-form" onSubmit={(event) => form.send(event, () => signIn(name.value))}>
        {signedOut.value && <p role="alert">{explain(signedOut.value).text}</p>}
        <NameField name={name} focus {...form.field('displayName')} />
        <FormEnd form={form} deed={form.busy ? 'Joining…' : 'Join'}>
          <HomeLink />
        </FormEnd>
        <p class="account-other">
          Have an account?{' '}
          <button type="button" class="link" onClick={() => openAccountForm('log-in')}>
            Log in
          </button>
        </p>
      </form>
    </EntryScreen>
  );
}

/** The room's outline until it is there; what hinders says so. */
export function Joining({ code }: { code: string }) {
  const { state } = connection.value;
  const offline = state === 'offline' || state === 'draining';
  const text = offline
    ? 'The server cannot be reached. It is tried again by itself.'
    : `Joining ${formatRoomCode(code)}…`;
  return <Skeleton text={text} warn={offline} />;
}

/** Seconds between two knocks at a private room; the owner sees one of them. */
const KNOCK_AGAIN_S = 10;

interface RefusedProps {
  readonly code: string;
  readonly error: unknown;
  readonly retry: (() => void) | undefined;
}

export function RefusedScreen({ code, error, retry }: RefusedProps) {
  const atTheDoor = error instanceof CoderoomError && error.code === 'forbidden' && !isBan(error);
  if (atTheDoor && retry) return <Waiting code={code} retry={retry} />;
  const { title, text, reason, code: errorCode } = explain(error);
  const canRetry = retry !== undefined && !isBan(error);
  return (
    <EntryScreen title={title}>
      <p>{canRetry ? reason : text}</p>
      <p class="small-print">
        {shownCode(code)} · {errorCode}
      </p>
      <div class="actions">
        <HomeLink />
        {canRetry && (
          <button type="button" class="button primary" onClick={retry}>
            Try again
          </button>
        )}
      </div>
    </EntryScreen>
  );
}

/** At the door of a private room. Comes in when it is told to; knocks again by itself, where the word was lost. */
function Waiting({ code, retry }: { code: string; retry: () => void }) {
  const left = useSignal(KNOCK_AGAIN_S);
  const knock = () => {
    left.value = KNOCK_AGAIN_S;
    retry();
  };
  useEffect(() => client().on('room.invited', ({ room }) => room.roomCode === shownCode(code) && retry()), [code]);
  useEffect(() => {
    const timer = setInterval(() => {
      left.value--;
      if (left.value <= 0) knock();
    }, 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <EntryScreen title="This room is private">
      <p>
        Its owner has been told that <strong>{session.value?.user.displayName}</strong> asks to come in. Stay here: you
        come in as soon as you are let in.
      </p>
      <p class="small-print">
        {shownCode(code)} · forbidden · next try in {left.value} s
      </p>
      <div class="actions">
        <HomeLink />
        <button type="button" class="button primary" onClick={knock}>
          Try now
        </button>
      </div>
    </EntryScreen>
  );
}

export function UnknownPage() {
  return (
    <EntryScreen title="There is nothing here">
      <p>The address leads to no page of Coderoom.</p>
      <div class="actions">
        <HomeLink />
      </div>
    </EntryScreen>
  );
}

function shownCode(code: string): string {
  const known = normalizeRoomCode(code);
  return known ? formatRoomCode(known) : code.slice(0, 32);
}
