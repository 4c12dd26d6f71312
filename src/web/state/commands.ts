// Everything that can be done by name or by keys: the palette lists it, the keyboard reaches it, menus call it.
import { accountCommands } from '../account/account-commands.ts';
import { openSettings } from '../settings/section.ts';
import { theme, toggleTheme } from '../theme.ts';
import { copyLink, leaveRoom, runActive, runSelection, tellSaved, testActive } from './actions.ts';
import { change, layout, showBottom, showSide, toggleSide } from './layout.ts';
import type { MemberDialog } from './members.ts';
import type { Workspace } from './workspace.ts';

export interface Command {
  readonly id: string;
  readonly title: string;
  /** As `Mod-Shift-p`: Mod is Cmd on a Mac, Ctrl elsewhere. The first one is shown. */
  readonly keys?: readonly string[];
  /** Keys that the editor itself handles; shown, not bound. */
  readonly inEditor?: boolean;
  /** Why it cannot be done now; undefined when it can. */
  readonly hindrance?: string | undefined;
  readonly run: () => void;
}

/** The commands as they stand now; reads signals, so call it where they are followed. */
export function commands(workspace: Workspace): readonly Command[] {
  return [
    ...runCommands(workspace),
    ...fileCommands(workspace),
    ...viewCommands(workspace),
    ...roomCommands(workspace),
    ...accountCommands(),
  ];
}

function runCommands(workspace: Workspace): readonly Command[] {
  const { runs, view, tabs, overlay } = workspace;
  const file = view.files.value.find(({ id }) => id === tabs.active.value?.fileId);
  const mayNot = view.rights.value.run ? undefined : 'Viewers cannot run code here';
  const runnable = runs.runnable(file);
  const hindrance = mayNot ?? (runnable.can ? undefined : runnable.reason);
  const current = runs.all.value.find(({ status }) => status === 'running' || status === 'queued');
  const last = runs.again.value;
  return [
    { id: 'run', title: 'Run file', keys: ['Mod-Enter'], hindrance, run: () => runActive(workspace) },
    {
      id: 'run-input',
      title: 'Run with arguments and input…',
      hindrance,
      run: () => {
        overlay.value = 'input';
      },
    },
    {
      id: 'run-selection',
      title: 'Run selection',
      keys: ['Mod-Shift-Enter'],
      hindrance,
      run: () => runSelection(workspace),
    },
    { id: 'run-tests', title: 'Run the tests of the file', hindrance, run: () => testActive(workspace) },
    {
      id: 'run-again',
      title: 'Run the last one again',
      hindrance: mayNot ?? (last ? undefined : 'Nothing was run from here yet'),
      run: () => {
        if (last) void runs.start(last);
      },
    },
    {
      id: 'run-cancel',
      title: 'Cancel the run',
      hindrance: current ? undefined : 'Nothing runs',
      run: () => {
        if (current) void runs.cancel(current.id);
      },
    },
  ];
}

function fileCommands({ view, tabs, files, overlay }: Workspace): readonly Command[] {
  const file = view.files.value.find(({ id }) => id === tabs.active.value?.fileId);
  const readOnly = view.rights.value.write ? undefined : 'Your role lets you read only';
  const hindered = (right: 'write' | 'delete') => {
    if (!file) return 'No file is open';
    return view.may(right, file.id) ? undefined : (readOnly ?? 'You may not do this with this file');
  };
  return [
    {
      id: 'open',
      title: 'Open file…',
      keys: ['Mod-p'],
      run: () => {
        overlay.value = 'files';
      },
    },
    { id: 'new', title: 'New file', hindrance: readOnly, run: () => files.startNew() },
    {
      id: 'rename',
      title: 'Rename file',
      hindrance: hindered('write') ?? hindered('delete'),
      run: () => {
        if (file) files.startRename(file);
      },
    },
    {
      id: 'delete',
      title: 'Delete file…',
      hindrance: hindered('delete'),
      run: () => {
        files.deleting.value = file;
      },
    },
    { id: 'tab-close', title: 'Close tab', keys: ['Alt-w'], run: () => tabs.close(tabs.active.peek()?.id ?? '') },
    { id: 'tab-next', title: 'Next tab', keys: ['Alt-PageDown'], run: () => tabs.step(1) },
    { id: 'tab-previous', title: 'Previous tab', keys: ['Alt-PageUp'], run: () => tabs.step(-1) },
    { id: 'saved', title: 'Is everything saved?', keys: ['Mod-s'], run: () => tellSaved() },
  ];
}

function viewCommands({ overlay }: Workspace): readonly Command[] {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  const { sideOpen, bottomOpen } = layout.value;
  return [
    {
      id: 'palette',
      title: 'Commands and shortcuts',
      keys: ['Mod-Shift-p', 'F1'],
      run: () => {
        overlay.value = 'commands';
      },
    },
    { id: 'panel', title: 'Go to the next panel', keys: ['F6'], run: () => focusNextPanel(1) },
    { id: 'panel-back', title: 'Go to the previous panel', keys: ['Shift-F6'], run: () => focusNextPanel(-1) },
    { id: 'files', title: 'Show files', keys: ['Mod-Shift-e'], run: () => showSide('files') },
    { id: 'people', title: 'Show people', run: () => showSide('people') },
    { id: 'history', title: 'Show history of the file', run: () => showSide('history') },
    { id: 'output', title: 'Show output', run: () => showBottom('output', true) },
    { id: 'tests', title: 'Show the tests of the file', run: () => showBottom('tests', true) },
    { id: 'runs', title: 'Show runs', run: () => showBottom('runs', true) },
    { id: 'statistics', title: 'Show statistics of the runs', run: () => showBottom('statistics', true) },
    {
      id: 'side',
      title: sideOpen ? 'Hide the side panel' : 'Show the side panel',
      keys: ['Mod-b'],
      run: () => toggleSide(layout.peek().side),
    },
    {
      id: 'bottom',
      title: bottomOpen ? 'Hide the bottom panel' : 'Show the bottom panel',
      keys: ['Mod-j'],
      run: () => change({ bottomOpen: !layout.peek().bottomOpen }),
    },
    {
      id: 'environments',
      title: 'Environments that code runs in…',
      run: () => {
        overlay.value = 'environments';
      },
    },
    { id: 'settings', title: 'Settings…', keys: ['Mod-,'], run: () => openSettings() },
    { id: 'theme', title: `Use the ${other} theme`, run: toggleTheme },
    ...editorKeys(),
  ];
}

/** Bound by the editor; here so that they can be found. */
function editorKeys(): readonly Command[] {
  const shown = (id: string, title: string, key: string): Command => ({
    id,
    title,
    keys: [key],
    inEditor: true,
    hindrance: 'in the editor',
    run: () => undefined,
  });
  return [
    shown('undo', 'Undo own edit', 'Mod-z'),
    shown('redo', 'Redo', 'Mod-Shift-z'),
    shown('find', 'Find and replace', 'Mod-f'),
    shown('line', 'Go to line', 'Mod-Alt-g'),
    shown('comment', 'Toggle comment', 'Mod-/'),
    shown('complete', 'Complete', 'Ctrl-Space'),
    shown('tab-mode', 'Let Tab leave the editor', 'Ctrl-m'),
  ];
}

function roomCommands(workspace: Workspace): readonly Command[] {
  const { view, overlay, follow, members } = workspace;
  const open = (dialog: MemberDialog) => () => {
    members.dialog.value = dialog;
  };
  const manage = view.rights.value.manage ? undefined : 'Only the owner can';
  const others = view.people.value.filter(({ userId }) => userId !== view.me.value.userId);
  return [
    { id: 'link', title: 'Copy the link to this room', run: () => void copyLink(workspace) },
    { id: 'invite', title: 'Invite people…', hindrance: manage, run: open({ kind: 'invite' }) },
    { id: 'room-settings', title: 'Room settings…', hindrance: manage, run: open({ kind: 'settings' }) },
    { id: 'rules', title: 'Rules by path…', hindrance: manage, run: open({ kind: 'rules', userId: null }) },
    ...others.map(({ userId, displayName }) => ({
      id: `follow-${userId}`,
      title: `Follow ${displayName}`,
      run: () => void follow.start(userId),
    })),
    { id: 'leave', title: 'Leave the room', run: () => void leaveRoom(workspace) },
    {
      id: 'close-room',
      title: 'Close the room for everybody…',
      hindrance: manage,
      run: () => {
        overlay.value = 'close-room';
      },
    },
  ];
}

/** Moves the focus around the panels that show, in the order they stand on the page. */
function focusNextPanel(by: 1 | -1): void {
  const panels = [...document.querySelectorAll<HTMLElement>('[data-panel]')].filter((panel) => panel.checkVisibility());
  const at = panels.findIndex((panel) => panel.contains(document.activeElement));
  const next = panels[(Math.max(at, by === 1 ? -1 : 0) + by + panels.length) % panels.length];
  const chosen = next?.querySelector<HTMLElement>('[data-focus], .cm-content');
  const target = chosen ?? next?.querySelector<HTMLElement>('button, input, [tabindex="0"]') ?? next;
  target?.focus();
}
