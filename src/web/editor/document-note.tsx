// One line over a file that is not as usual: read only, refused, not saved for a reason. Says why and what can be done.
import { CircleAlert, Eye } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { explain } from '../error-words.ts';
import type { OpenDocument } from '../state/open-documents.ts';
import { useWorkspace, type Workspace } from '../state/workspace.ts';

const RESET = 'This file was reset on the server, from a backup perhaps. Your text was not mixed into it.';

/** States of the room in which its banner has said it already. */
const SAID_BY_BANNER: ReadonlySet<string> = new Set(['closed', 'refused', 'removed']);

interface NoteProps {
  readonly fileId: string;
  readonly open: OpenDocument;
}

export function DocumentNote({ fileId, open }: NoteProps) {
  const workspace = useWorkspace();
  const { phase, canWrite, saved, error, synced, pending } = open.status.value;
  if (SAID_BY_BANNER.has(workspace.view.state.value)) return null;
  if (phase === 'refused') {
    const anew = error?.code === 'lineage_changed';
    return (
      <Refused
        code={error?.code}
        text={anew ? RESET : `This file cannot be edited here any more. ${explain(error).text}`}
      >
        {!anew && (
          <button type="button" class="button small" onClick={() => void copyText(open)}>
            Copy the text
          </button>
        )}
        {!(anew && synced) && (
          <button type="button" class="button small" onClick={() => workspace.documents.reopen(fileId)}>
            Open anew
          </button>
        )}
      </Refused>
    );
  }
  if (synced && !canWrite) return <ReadOnly text={readOnlyReason(workspace)} pending={pending} />;
  if (saved === 'not_saved' && error && phase === 'open') {
    return (
      <div class="note bad" role="status">
        <CircleAlert size={14} aria-hidden="true" />
        <span>Your last edits are not saved: {explain(error).text}</span>
        <span class="small-print">{error.code}</span>
      </div>
    );
  }
  return null;
}

function Refused({ code, text, children }: { code: string | undefined; text: string; children: ComponentChildren }) {
  return (
    <div class="note bad" role="alert">
      <CircleAlert size={14} aria-hidden="true" />
      <span>{text}</span>
      {children}
      <span class="small-print">{code}</span>
    </div>
  );
}

function ReadOnly({ text, pending }: { text: string; pending: number }) {
  return (
    <div class="note info" role="status">
      <Eye size={14} aria-hidden="true" />
      <span>{text}</span>
      {pending > 0 && (
        <span class="small-print">Edits made before are not saved; they wait for the right to write.</span>
      )}
    </div>
  );
}

function readOnlyReason({ view }: Workspace): string {
  const { role } = view.me.value;
  const owner = view.owner.value?.displayName ?? 'the owner';
  if (role === 'viewer') return `Read only: you are a viewer in this room. Ask ${owner} to make you a collaborator.`;
  if (role === 'participant') return `Read only: participants read and run. Ask ${owner} to make you a collaborator.`;
  return `Read only: a rule of this room keeps you from writing here. Ask ${owner}, who can change it.`;
}

async function copyText({ document }: OpenDocument): Promise<void> {
  await navigator.clipboard.writeText(document.text.toJSON()).catch(() => undefined);
}
