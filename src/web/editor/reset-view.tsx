// A file that was reset on the server while one had it open: what one has, beside what it is now, and what to do about it.
import '../styles/reset.css';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { explain, failure } from '../error-words.ts';
import { notify } from '../state/notices.ts';
import type { OpenDocument } from '../state/open-documents.ts';
import { useWorkspace } from '../state/workspace.ts';
import { reading } from './editing.ts';
import { loadLanguage } from './language.ts';

interface ResetProps {
  readonly fileId: string;
  readonly path: string;
  readonly open: OpenDocument;
}

type Loaded = { readonly text: string } | { readonly failed: string };

export function ResetView({ fileId, path, open }: ResetProps) {
  const { view, documents } = useWorkspace();
  const loaded = useSignal<Loaded | undefined>(undefined);
  const busy = useSignal(false);
  const mine = open.document.text.toJSON();
  useEffect(() => {
    view.client.call('file.content', { fileId }).then(
      ({ content }) => {
        loaded.value = { text: content };
      },
      (error: unknown) => {
        loaded.value = { failed: explain(error).text };
      },
    );
  }, [fileId]);
  const putMine = async () => {
    busy.value = true;
    try {
      await view.client.call('file.write', { fileId, content: mine });
      documents.reopen(fileId);
    } catch (error) {
      notify({ kind: 'bad', text: failure('Your text was not put in', error) });
      busy.value = false;
    }
  };
  const { value } = loaded;
  const same = value !== undefined && 'text' in value && value.text === mine;
  return (
    <section class="reset" aria-label="Your text beside the file’s">
      <div class="reset-bar">
        <span class="stretch">{headline(value, same)}</span>
        {!same && (
          <button type="button" class="button small" onClick={() => void navigator.clipboard.writeText(mine)}>
            Copy my text
          </button>
        )}
        {!same && view.rights.value.write && (
          <button type="button" class="button small" disabled={busy.value} onClick={() => void putMine()}>
            Put my text in
          </button>
        )}
        <button type="button" class="button small primary" onClick={() => documents.reopen(fileId)}>
          Go on with the file
        </button>
      </div>
      {value && 'text' in value && !same && <Difference path={path} mine={mine} theirs={value.text} />}
    </section>
  );
}

function headline(loaded: Loaded | undefined, same: boolean): string {
  if (!loaded) return 'Comparing your text with the file …';
  if ('failed' in loaded) return `The file could not be read for a comparison. ${loaded.failed}`;
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
