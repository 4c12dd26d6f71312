// What buttons, keys and the palette do in a room, where it takes more than one call.

import { signal } from '@preact/signals';
import type { File } from '../../client/index.ts';
import { navigate, roomLink } from '../routes.ts';
import { notify } from './notices.ts';
import type { RunSource } from './runs.ts';
import type { Workspace } from './workspace.ts';

type RunGiven = Pick<RunSource, 'stdin' | 'args' | 'interactive'>;

/** Counts up when somebody asks whether all is saved; the light answers. */
export const savedAsked = signal(0);

export function tellSaved(): void {
  savedAsked.value++;
}

/** Copies the link to the room. @returns whether the browser let it */
export async function copyLink({ view }: Workspace): Promise<boolean> {
  const link = roomLink(view.room.info.roomCode);
  try {
    await navigator.clipboard.writeText(link);
    notify({ kind: 'good', text: 'Link copied. Whoever has it can come in.' });
    return true;
  } catch {
    notify({ kind: 'bad', text: `The browser does not let the page copy. The link: ${link}` });
    return false;
  }
}

/** Runs the file in front; without more said, people can type into it. */
export function runActive(workspace: Workspace, given: RunGiven = { interactive: true }): void {
  const { runs } = workspace;
  const file = runnableFile(workspace);
  if (!file) return;
  const { stdin = '', args = [], interactive = false } = given;
  void runs.start({ fileId: file.id, interactive, ...(stdin !== '' && { stdin }), ...(args.length > 0 && { args }) });
}

/** Runs the tests of the file in front, or the given ones of them. */
export function testActive(workspace: Workspace, caseIds?: string[]): void {
  const file = runnableFile(workspace);
  if (file) void workspace.runs.test(file.id, caseIds && { caseIds });
}

/** The file in front; when it cannot be run that is told, with the reason. */
function runnableFile({ runs, view, tabs }: Workspace): File | undefined {
  const file = view.room.files.get(tabs.active.peek()?.fileId ?? '');
  const runnable = runs.runnable(file);
  const mayNot = view.rights.peek().run ? undefined : 'Viewers cannot run code here.';
  const reason = mayNot ?? (runnable.can ? undefined : runnable.reason);
  if (reason === undefined && file) return file;
  notify({ kind: 'info', text: reason ?? 'No file is open.' });
  return undefined;
}

/** Runs what is selected in the editor, in the language of its file; errors name the file's own lines. */
export function runSelection(workspace: Workspace): void {
  const { runs, view, tabs, editor } = workspace;
  const state = editor.peek()?.state;
  const file = view.room.files.get(tabs.active.peek()?.fileId ?? '');
  if (!state || !file) return void notify({ kind: 'info', text: 'No file is open.' });
  const { from, to } = state.selection.main;
  const code = state.sliceDoc(from, to);
  if (code.trim() === '') return void notify({ kind: 'info', text: 'Nothing is selected.' });
  const runnable = runs.runnable(file);
  if (!runnable.can) return void notify({ kind: 'info', text: runnable.reason });
  const line = state.doc.lineAt(from);
  // Columns stay what they are in the file.
  const before = line.text.slice(0, from - line.from).replace(/[^\t]/g, ' ');
  void runs.start({ fileId: file.id, code: before + code, line: line.number, interactive: true });
}

/** Leaves for the start; asks first while edits wait for the server. */
export async function leaveRoom({ documents, overlay }: Workspace, anyway = false): Promise<void> {
  if (!anyway && documents.light.peek().pending > 0) {
    overlay.value = 'leave-unsaved';
    return;
  }
  // The room page leaves the room when it goes away, whichever way one goes.
  navigate('/');
}
