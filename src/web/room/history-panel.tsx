// The versions of the file in front; choosing one shows its text, to be read only, in a tab of its own.

import { RefreshCw } from 'lucide-preact';
import type { CommandOutput } from '../../client/index.ts';
import { usePages } from '../state/pages.ts';
import { useWorkspace } from '../state/workspace.ts';
import { PagedList } from '../ui/paged-list.tsx';
import { ago, byteSize, fullTime } from '../ui/times.ts';
import { nameOf } from './tree-rows.ts';

type Version = CommandOutput<'file.versions'>['versions'][number];

const KINDS: Record<Version['kind'], string> = {
  manual: 'Named version',
  auto: 'Snapshot',
  restore: 'Restored',
  import: 'Imported',
};

const NONE = 'No versions yet. One is made a few seconds after somebody stops typing.';

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
  const { view } = useWorkspace();
  const fetch = async (cursor?: string) => {
    const page = await view.client.call('file.versions', { fileId, limit: 50, ...(cursor && { cursor }) });
    return { items: page.versions, nextCursor: page.nextCursor };
  };
  const pages = usePages(fetch);
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
          onClick={() => void pages.ask(fetch)}
        >
          <RefreshCw size={14} aria-hidden="true" />
        </button>
      </div>
      <div class="panel-scroll">
        <PagedList pages={pages} what="the versions" none={NONE} more="Show earlier versions">
          {(versions) => (
            <ul class="versions">
              {versions.map((version) => (
                <VersionRow key={version.id} fileId={fileId} version={version} />
              ))}
            </ul>
          )}
        </PagedList>
      </div>
    </>
  );
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
