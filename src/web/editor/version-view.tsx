// An earlier version of a file, to be read.
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import { useLoaded } from '../state/loading.ts';
import { notify } from '../state/notices.ts';
import type { Tab } from '../state/tabs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { useDeed } from '../ui/deed.ts';
import { Loaded } from '../ui/loaded.tsx';
import { fullTime } from '../ui/times.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { reading } from './editing.ts';
import { editorSettings } from './editor-settings.ts';
import { loadLanguage } from './language.ts';

export function VersionView({ tab }: { tab: Extract<Tab, { kind: 'version' }> }) {
  const { view, tabs } = useWorkspace();
  const { fileId, versionNumber } = tab;
  const ask = () => view.client.call('version.content', { fileId, versionNumber });
  const loading = useLoaded(ask, [fileId, versionNumber]);
  const path = view.files.value.find(({ id }) => id === fileId)?.path ?? '';
  const { busy, attempt } = useDeed();
  const restore = async () => {
    const { changed } = await view.client.call('version.restore', { fileId, versionNumber });
    tabs.open(fileId);
    const done = `Version ${versionNumber} is back. What was there before is in the history.`;
    notify({ kind: 'good', text: changed ? done : `The file is as in version ${versionNumber} already.` });
  };
  const state = loading.state.value;
  return (
    <>
      <Breadcrumbs path={path} note={`Version ${versionNumber}`} />
      <div class="note info" role="status">
        <span>
          {state.kind === 'here'
            ? `As it was on ${fullTime(state.value.version.createdAt)}. To be read only.`
            : `Version ${versionNumber}, to be read only.`}
        </span>
        {view.may('write', fileId) && (
          <button
            type="button"
            class="button small"
            aria-busy={busy}
            onClick={() => attempt(`Version ${versionNumber} was not restored`, restore)}
          >
            Restore this version
          </button>
        )}
        <button type="button" class="button small" onClick={() => tabs.open(fileId)}>
          Back to the file
        </button>
      </div>
      <Loaded of={loading} what="the version" class="skeleton-code" rows={6}>
        {({ content }) => <Text path={path} content={content} />}
      </Loaded>
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
