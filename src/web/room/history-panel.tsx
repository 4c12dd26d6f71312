// The versions of the file in front; choosing one shows its text, to be read only, in a tab of its own.

import { useSignal } from '@preact/signals';
import { RefreshCw } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import type { CommandOutput } from '../../client/index.ts';
import { explain } from '../error-words.ts';
import { useWorkspace } from '../state/workspace.ts';
import { ago, byteSize, fullTime } from '../ui/times.ts';
import { nameOf } from './tree-rows.ts';

type Page = CommandOutput<'file.versions'>;
type Version = Page['versions'][number];

const KINDS: Record<Version['kind'], string> = {
  manual: 'Named version',
  auto: 'Snapshot',
  restore: 'Restored',
  import: 'Imported',
};

interface History {
  readonly versions: readonly Version[];
  /** Undefined: not asked yet; null: there is no more. */
  readonly next: string | null | undefined;
  readonly loading: boolean;
  readonly problem: string | undefined;
}

const NOTHING: History = { versions: [], next: undefined, loading: true, problem: undefined };

export function HistoryPanel() {
  const { view, tabs } = useWorkspace();
  const fileId = tabs.active.value?.fileId;
  const file = view.files.value.find(({ id }) => id === fileId);
  return file ? (
    <FileHistory key={file.id} fileId={file.id} name={nameOf(file.path)} />
  ) : (
    <>
      <div class="panel-head">
        <h2>History</h2>
      </div>
      <p class="empty">Open a file to see its earlier versions.</p>
    </>
  );
}

function FileHistory({ fileId, name }: { fileId: string; name: string }) {
  const { history, load } = useHistory(fileId);
  const { versions, next, loading, problem } = history;
  return (
    <>
      <div class="panel-head">
        <h2>
          History <span class="muted">{name}</span>
        </h2>
        <button
          type="button"
          class="icon small"
          aria-label="Load the versions again"
          title="Refresh"
          onClick={() => void load('anew')}
        >
          <RefreshCw size={14} aria-hidden="true" />
        </button>
      </div>
      <div class="panel-scroll">
        {problem && (
          <p class="empty bad" role="alert">
            {problem}
          </p>
        )}
        {!problem && !loading && versions.length === 0 && (
          <p class="empty">No versions yet. One is made a few seconds after somebody stops typing.</p>
        )}
        <ul class="versions">
          {versions.map((version) => (
            <VersionRow key={version.id} fileId={fileId} version={version} />
          ))}
        </ul>
        {loading && (
          <div class="skeleton-rows" role="status" aria-label="Loading versions">
            <span />
            <span />
            <span />
          </div>
        )}
        {typeof next === 'string' && !loading && (
          <button type="button" class="button small more" onClick={() => void load('more')}>
            Show earlier versions
          </button>
        )}
      </div>
    </>
  );
}

function useHistory(fileId: string) {
  const { view } = useWorkspace();
  const history = useSignal<History>(NOTHING);
  const load = async (which: 'anew' | 'more') => {
    const before = which === 'more' ? history.peek() : NOTHING;
    history.value = { ...before, loading: true, problem: undefined };
    try {
      const cursor = typeof before.next === 'string' ? { cursor: before.next } : {};
      const page = await view.client.call('file.versions', { fileId, limit: 50, ...cursor });
      history.value = {
        versions: [...before.versions, ...page.versions],
        next: page.nextCursor,
        loading: false,
        problem: undefined,
      };
    } catch (error) {
      history.value = {
        ...before,
        loading: false,
        problem: `The versions could not be loaded. ${explain(error).text}`,
      };
    }
  };
  useEffect(() => void load('anew'), [fileId]);
  return { history: history.value, load };
}

function VersionRow({ fileId, version }: { fileId: string; version: Version }) {
  const { view, tabs } = useWorkspace();
  const author = version.authorId ? view.participants.value.get(version.authorId) : undefined;
  const shown = tabs.active.value;
  const chosen = shown?.kind === 'version' && shown.fileId === fileId && shown.versionNumber === version.versionNumber;
  return (
    <li>
      <button
        type="button"
        class={chosen ? 'version chosen' : 'version'}
        aria-pressed={chosen}
        title={fullTime(version.createdAt)}
        onClick={() => tabs.openVersion(fileId, version.versionNumber)}
      >
        <span class="version-title">
          <span>{version.message ?? KINDS[version.kind]}</span>
          <span class="small-print">#{version.versionNumber}</span>
        </span>
        <span class="small-print">
          {ago(version.createdAt)} ·{' '}
          {author?.displayName ?? (version.authorId ? 'somebody who left' : 'several people')} ·{' '}
          {byteSize(version.sizeBytes)}
        </span>
      </button>
    </li>
  );
}
