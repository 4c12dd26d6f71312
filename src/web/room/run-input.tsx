// The line in which one types what a program waits for.
import { useSignal } from '@preact/signals';
import { ChevronRight } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import type { RunView } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { notify } from '../state/notices.ts';
import { useWorkspace } from '../state/workspace.ts';

/** The server's limit (`INPUT_LENGTH`), less the line end. */
const LENGTH = 16_383;
/** Milliseconds after the start of one's own run in which its first question takes the keyboard. */
const FOCUS_WITHIN_MS = 5000;

export function RunInput({ run }: { run: RunView }) {
  const { view } = useWorkspace();
  const field = useRef<HTMLInputElement>(null);
  const line = useSignal('');
  const mine = run.userId === view.me.value.userId;
  useEffect(() => {
    const fresh = Date.now() - Date.parse(run.startedAt ?? run.createdAt) < FOCUS_WITHIN_MS;
    if (run.waitsForInput && mine && fresh) field.current?.focus();
  }, [run.waitsForInput]);
  const send = async (text: string, end: boolean) => {
    try {
      await view.room.input(run.id, text, { end });
    } catch (error) {
      notify({ kind: 'bad', text: failure('The program did not get it', error) });
    }
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const text = `${line.value}\n`;
    line.value = '';
    void send(text, false);
  };
  return (
    <form class={run.waitsForInput ? 'run-input wanted' : 'run-input'} onSubmit={onSubmit}>
      <ChevronRight size={14} aria-hidden="true" />
      <input
        ref={field}
        aria-label="Input for the program"
        placeholder={run.waitsForInput ? 'The program waits for a line' : 'Input for the program'}
        autocomplete="off"
        spellcheck={false}
        maxLength={LENGTH}
        value={line}
        onInput={(event) => {
          line.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'd' || !event.ctrlKey || line.value !== '') return;
          event.preventDefault();
          void send('', true);
        }}
      />
      <button
        type="button"
        class="button small"
        title="Tell the program that nothing more comes (Ctrl+D in the empty line)"
        onClick={() => void send('', true)}
      >
        End of input
      </button>
    </form>
  );
}
