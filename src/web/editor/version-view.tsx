// An earlier version of a file, to be read.
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { explain, failure } from '../error-words.ts';
import { notify } from '../state/notices.ts';
import type { Tab } from '../state/tabs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { fullTime } from '../ui/times.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { reading } from './editing.ts';
import { editorSettings } from './editor-settings.ts';
import { loadLanguage } from './language.ts';

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'here'; readonly found: CommandOutput<'version.content'> };

export function VersionView({ tab }: { tab: Extract<Tab, { kind: 'version' }> }) {
  const { view, tabs } = useWorkspace();
  const { fileId, versionNumber } = tab;
  const loaded = useSignal<Loaded>({ kind: 'loading' });
  const path = view.files.value.find(({ id }) => id === fileId)?.path ?? '';
  useEffect(() => {
    view.client.call('version.content', { fileId, versionNumber }).then(
      (found) => {
        loaded.value = { kind: 'here', found };
      },
      (error) => {
        loaded.value = { kind: 'failed', text: explain(error).text };
      },
    );
  }, [fileId, versionNumber]);
  const restore = async () => {
    try {
      const { changed } = await view.client.call('version.restore', { fileId, versionNumber });
      tabs.open(fileId);
      const done = `Version ${versionNumber} is back. What was there before is in the history.`;
      notify({ kind: 'good', text: changed ? done : `The file is as in version ${versionNumber} already.` });
    } catch (error) {
      notify({ kind: 'bad', text: failure(`Version ${versionNumber} was not restored`, error) });
    }
  };
  const { value } = loaded;
  return (
    <>
      <Breadcrumbs path={path} note={`Version ${versionNumber}`} />
      <div class="note info" role="status">
        <span>
          {value.kind === 'here'
            ? `As it was on ${fullTime(value.found.version.createdAt)}. To be read only.`
            : `Version ${versionNumber}, to be read only.`}
        </span>
        {view.may('write', fileId) && (
          <button type="button" class="button small" onClick={() => void restore()}>
            Restore this version
          </button>
        )}
        <button type="button" class="button small" onClick={() => tabs.open(fileId)}>
          Back to the file
        </button>
      </div>
      {value.kind === 'loading' && (
        <div class="skeleton-code" role="status" aria-label="Loading the version">
          <span class="bone" />
          <span class="bone" />
        </div>
      )}
      {value.kind === 'failed' && (
        <p class="empty bad" role="alert">
          The version could not be loaded. {value.text}
        </p>
      )}
      {value.kind === 'here' && <Text path={path} content={value.found.content} />}
    </>
  );
}

function Text({ path, content }: { path: string; content: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const language = new Compartment();
    const settings = editorSettings();
    const editor = new EditorView({
      parent: host.current as HTMLElement,
      state: EditorState.create({
        doc: content,
        extensions: [
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ 'aria-label': `Earlier text of ${path}`, 'aria-readonly': 'true' }),
          language.of([]),
          settings.extension,
          reading,
        ],
      }),
    });
    void loadLanguage(editor, language, path);
    const unfollow = settings.follow(editor);
    return () => {
      unfollow();
      editor.destroy();
    };
  }, [content, path]);
  return <div ref={host} class="editor-host" />;
}
