// Whether what was typed is safe: a light with a word. It never says saved before the server has committed.

import { useSignal } from '@preact/signals';
import { CircleAlert, CircleCheck, CircleDashed } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import { savedAsked } from '../state/actions.ts';
import { notify } from '../state/notices.ts';
import type { SavedLight as Light } from '../state/open-documents.ts';
import { useWorkspace } from '../state/workspace.ts';
import { count } from '../ui/times.ts';

/** Milliseconds that `saved` has to hold before it is said: who types is not shown a word that changes with every key. */
const SAVED_HOLDS_MS = 300;

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
          <span class="saved-count" aria-hidden="true">
            {count(light.pending, 'edit')}
          </span>
        )}
      </span>
    </span>
  );
}

/** Bad news at once, good news when it lasts: the light may lag behind, it never says `saved` too early. */
function useCalm({ saved }: Light): Light['saved'] {
  const held = useSignal(true);
  useEffect(() => {
    if (saved !== 'saved') held.value = false;
    if (saved !== 'saved' || held.value) return undefined;
    const timer = setTimeout(() => {
      held.value = true;
    }, SAVED_HOLDS_MS);
    return () => clearTimeout(timer);
  }, [saved]);
  return saved === 'saved' && !held.value ? 'saving' : saved;
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
