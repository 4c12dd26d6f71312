// Whether what was typed is safe: a light with a word. It never says saved before the server has committed.

import { useSignal } from '@preact/signals';
import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import { savedAsked } from '../state/actions.ts';
import { notify } from '../state/notices.ts';
import type { SavedLight as Light } from '../state/open-documents.ts';
import { useWorkspace } from '../state/workspace.ts';
import { count } from '../ui/times.ts';

/** Milliseconds; a commit is faster than this, and a word that flickers with every key says nothing. */
const SAVING_SHOWS_AFTER_MS = 400;

export function SavedLight() {
  const { documents } = useWorkspace();
  const light = documents.light.value;
  const shown = useCalm(light);
  useEffect(() => {
    if (savedAsked.value > 0) answer(documents.light.peek());
  }, [savedAsked.value]);
  return (
    <span class={`saved-light ${shown}`} title={explanation(light)}>
      <Sign saved={shown} />
      <span class="saved-word">
        <span role="status">{WORDS[shown]}</span>
        {/* Not read out: it changes with every key that is pressed offline. */}
        {shown === 'not_saved' && light.pending > 0 && (
          <span aria-hidden="true"> · {count(light.pending, 'edit')}</span>
        )}
      </span>
    </span>
  );
}

/** `saving` only when it lasts. */
function useCalm({ saved }: Light): Light['saved'] {
  const shown = useSignal<Light['saved']>('saved');
  useEffect(() => {
    if (saved !== 'saving') {
      shown.value = saved;
      return undefined;
    }
    const timer = setTimeout(() => {
      shown.value = 'saving';
    }, SAVING_SHOWS_AFTER_MS);
    return () => clearTimeout(timer);
  }, [saved]);
  return shown.value;
}

function Sign({ saved }: { saved: Light['saved'] }) {
  if (saved === 'saved') return <CircleCheck size={14} aria-hidden="true" />;
  if (saved === 'saving') return <CircleDashed size={14} aria-hidden="true" />;
  return <CircleAlert size={14} aria-hidden="true" />;
}

const WORDS: Record<Light['saved'], string> = { saved: 'Saved', saving: 'Saving…', not_saved: 'Not saved' };

function explanation({ saved, pending }: Light): string {
  if (saved === 'saved') return 'Everything is committed to the server’s database.';
  const edits = pending > 0 ? `${count(pending, 'edit')} of yours` : 'Edits';
  if (saved === 'saving') return `${edits} on the way to the database.`;
  return `${edits} not in the database yet. Keep this page open: it is tried again by itself.`;
}

function answer(light: Light): void {
  const text = light.saved === 'saved' ? 'Saved. Every edit is saved as you type.' : explanation(light);
  notify({ kind: light.saved === 'not_saved' ? 'bad' : 'good', text });
}
