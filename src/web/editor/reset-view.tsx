// A file that was reset on the server while one had it open: what one has, beside what it is now, and what to do about it.
import '../styles/reset.css';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import { type LoadState, useLoaded } from '../state/loading.ts';
import type { OpenDocument } from '../state/open-documents.ts';
import { useWorkspace } from '../state/workspace.ts';
import { useDeed } from '../ui/deed.ts';
import { Loaded } from '../ui/loaded.tsx';
import { reading } from './editing.ts';
import { loadLanguage } from './language.ts';

interface ResetProps {
  readonly fileId: string;
  readonly path: string;
  readonly open: OpenDocument;
}

export function ResetView({ fileId, path, open }: ResetProps) {
  const { view, documents } = useWorkspace();
  const loading = useLoaded(async () => (await view.client.call('file.content', { fileId })).content, [fileId]);
  const { busy, attempt } = useDeed();
  const mine = open.document.text.toJSON();
  const putMine = async () => {
    await view.client.call('file.write', { fileId, content: mine });
    documents.reopen(fileId);
  };
  const state = loading.state.value;
  const same = state.kind === 'here' && state.value === mine;
  return (
    <section class="reset" aria-label="Your text beside the file’s">
      <div class="reset-bar">
        <span class="stretch">{headline(state, same)}</span>
        {!same && (
          <button type="button" class="button small" onClick={() => void navigator.clipboard.writeText(mine)}>
            Copy my text
          </button>
        )}
        {!same && view.rights.value.write && (
          <button
            type="button"
            class="button small"
            aria-busy={busy}
            onClick={() => attempt('Your text was not put in', putMine)}
          >
            Put my text in
          </button>
        )}
        <button type="button" class="button small primary" onClick={() => documents.reopen(fileId)}>
          Go on with the file
        </button>
      </div>
      {!same && (
        <Loaded of={loading} what="the file" class="skeleton-code" rows={6}>
          {(theirs) => <Difference path={path} mine={mine} theirs={theirs} />}
        </Loaded>
      )}
    </section>
  );
}

function headline({ kind }: LoadState<string>, same: boolean): string {
  if (kind === 'loading') return 'Comparing your text with the file …';
  if (kind === 'failed') return 'Your text is still here; there is nothing to compare it with.';
  if (same) return 'Your text and the file are the same.';
  return 'Green is only in your text, red only in the file.';
}

function Difference({ path, mine, theirs }: { path: string; mine: string; theirs: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const language = new Compartment();
    const editor = new EditorView({
      parent: host.current as HTMLElement,
      state: EditorState.create({
        doc: mine,
        extensions: [
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': `Your text of ${path}`, 'aria-readonly': 'true' }),
          language.of([]),
          reading,
          unifiedMergeView({
            original: theirs,
            mergeControls: false,
            collapseUnchanged: { margin: 3, minSize: 6 },
            diffConfig: { scanLimit: 1000, timeout: 500 },
          }),
        ],
      }),
    });
    void loadLanguage(editor, language, path);
    return () => editor.destroy();
  }, [mine, theirs, path]);
  return <div ref={host} class="editor-host" />;
}
