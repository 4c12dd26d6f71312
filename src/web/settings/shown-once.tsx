// A new token, to be copied now: the server keeps only what it can be recognised by.
import { useSignal } from '@preact/signals';
import { Check, Copy } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import type { NewToken } from './bot-list.ts';

/** Milliseconds for which a button says that it did it. */
const CONFIRM_MS = 2000;

export function ShownOnce({ made: { token, accessToken }, onClose }: { made: NewToken; onClose: () => void }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.scrollIntoView({ block: 'nearest' });
    panel.current?.querySelector('button')?.focus();
  }, []);
  const example = `curl -H 'Authorization: Bearer ${token}' ${location.origin}/api/me`;
  return (
    <section ref={panel} class="shown-once" aria-label={`The token ${accessToken.name}`}>
      <p>
        <strong>Copy it now.</strong> It is shown this once; the server keeps no copy.
      </p>
      <Copied what="the token" text={token} />
      <p class="hint">Try it:</p>
      <Copied what="the example" text={example} />
      <p class="hint">
        With the client SDK: <code>{`connect({ url: '${location.origin}', token })`}</code>
      </p>
      <div class="actions">
        <button type="button" class="button small" onClick={onClose}>
          I have it
        </button>
      </div>
    </section>
  );
}

function Copied({ what, text }: { what: string; text: string }) {
  const state = useSignal<'idle' | 'done' | 'refused'>('idle');
  const field = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      state.value = 'done';
      setTimeout(() => {
        state.value = 'idle';
      }, CONFIRM_MS);
    } catch {
      // The browser does not let the page: what is marked can be copied by hand.
      if (field.current) getSelection()?.selectAllChildren(field.current);
      state.value = 'refused';
    }
  };
  return (
    <div class="copied">
      <code ref={field}>{text}</code>
      <button type="button" class="button small" onClick={() => void copy()}>
        {state.value === 'done' ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
        <span>{WORDS[state.value]}</span> <span class="sr-only">{what}</span>
      </button>
      <span class="sr-only" role="status">
        {state.value === 'idle' ? '' : WORDS[state.value]}
      </span>
    </div>
  );
}

const WORDS = { idle: 'Copy', done: 'Copied', refused: 'Press Ctrl+C' } as const;
