// A file in front: notices about its state, breadcrumbs, and the editor once the text is here.
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { OpenDocument } from '../state/open-documents.ts';
import { useWorkspace } from '../state/workspace.ts';
import { later } from '../ui/later.tsx';
import { Bones } from '../ui/loaded.tsx';
import { Breadcrumbs, type Spot } from './breadcrumbs.tsx';
import { type DocumentEditor, documentEditor } from './document-editor.ts';
import { DocumentNote } from './document-note.tsx';

const ResetView = later(async () => (await import('./reset-view.tsx')).ResetView);

interface FileViewProps {
  readonly fileId: string;
  readonly open: OpenDocument;
}

export function FileView({ fileId, open }: FileViewProps) {
  const { view } = useWorkspace();
  const spot = useSignal<Spot | undefined>(undefined);
  const path = view.files.value.find(({ id }) => id === fileId)?.path ?? '';
  const { synced, phase, error } = open.status.value;
  const isReset = synced && phase === 'refused' && error?.code === 'lineage_changed';
  return (
    <>
      <Breadcrumbs path={path} spot={spot} />
      <DocumentNote fileId={fileId} open={open} />
      {isReset && <ResetView fileId={fileId} path={path} open={open} />}
      {isReset ? null : synced ? (
        <Editor
          fileId={fileId}
          open={open}
          path={path}
          onSpot={(next) => {
            spot.value = next;
          }}
        />
      ) : (
        <TextSkeleton offline={phase === 'offline'} refused={phase === 'refused'} />
      )}
    </>
  );
}

function TextSkeleton({ offline, refused }: { offline: boolean; refused: boolean }) {
  if (refused) return <div class="editor-host" />;
  if (offline)
    return <p class="empty">This file was not loaded before the connection went. It comes with the connection.</p>;
  return <Bones what="the file" rows={6} class="skeleton-code" />;
}

interface EditorProps extends FileViewProps {
  readonly path: string;
  readonly onSpot: (spot: Spot) => void;
}

function Editor({ fileId, open, path, onSpot }: EditorProps) {
  const workspace = useWorkspace();
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<DocumentEditor | undefined>(undefined);
  const { view, tabs, follow, editor: front } = workspace;
  const readOnly = !open.status.value.canWrite || view.state.value === 'closed' || view.state.value === 'refused';
  useEffect(() => {
    const editor = documentEditor({
      parent: host.current as HTMLElement,
      open,
      path,
      readOnly,
      onOwnMove: () => follow.stop(),
      onSelection: (codeMirror) => onSpot(spotOf(codeMirror)),
    });
    made.current = editor;
    front.value = editor.view;
    if (document.activeElement === document.body) editor.view.focus();
    return () => {
      editor.destroy();
      made.current = undefined;
      if (front.peek() === editor.view) front.value = undefined;
    };
  }, [open]);
  useEffect(() => made.current?.setReadOnly(readOnly), [readOnly]);
  useEffect(() => made.current?.setPath(path), [path]);
  useSignalEffect(() => {
    const { value } = tabs.reveal;
    if (value?.fileId !== fileId || !front.value) return;
    if (value.spot) made.current?.goTo(value.spot);
    else front.value.focus();
    tabs.revealed();
  });
  useSignalEffect(() => {
    const { value } = follow.userId;
    if (front.value) made.current?.follow(value);
  });
  return <div ref={host} class="editor-host" />;
}

function spotOf({ state }: DocumentEditor['view']): Spot {
  const { head, from, to } = state.selection.main;
  const line = state.doc.lineAt(head);
  return { line: line.number, column: head - line.from + 1, selected: to - from };
}
