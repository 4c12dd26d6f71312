// Room name, code, people, saved light, run, theme, menu.

import { useSignal } from '@preact/signals';
import { Check, Copy, Ellipsis, Moon, Sun } from 'lucide-preact';
import { AccountMenu } from '../account/account-menu.tsx';
import { copyLink } from '../state/actions.ts';
import { type Command, commands } from '../state/commands.ts';
import { useWorkspace } from '../state/workspace.ts';
import { theme, toggleTheme } from '../theme.ts';
import { Menu } from '../ui/menu.tsx';
import { menuItem } from './command-menu.ts';
import { PeopleBar } from './people-bar.tsx';
import { RunButton } from './run-button.tsx';
import { SavedLight } from './saved-light.tsx';

export function TopBar() {
  const { name } = useWorkspace().view.info.value;
  return (
    <header class="top-bar" data-panel="top">
      <h1 class="room-title" title={name}>
        {name}
      </h1>
      <CodeButton />
      <span class="stretch" />
      <PeopleBar />
      <SavedLight />
      <RunButton />
      <ThemeButton />
      <RoomMenu />
      <AccountMenu />
    </header>
  );
}

/** Milliseconds for which the button says that it did it. */
const CONFIRM_MS = 2000;

function CodeButton() {
  const workspace = useWorkspace();
  const { roomCode } = workspace.view.info.value;
  const copied = useSignal(false);
  const onClick = async () => {
    if (!(await copyLink(workspace))) return;
    copied.value = true;
    setTimeout(() => {
      copied.value = false;
    }, CONFIRM_MS);
  };
  return (
    <button
      type="button"
      class="code-button"
      title="Copy the link to this room"
      aria-label={`Copy the link to room ${roomCode}`}
      onClick={onClick}
    >
      <span class="code">{roomCode}</span>
      {copied.value ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
    </button>
  );
}

function ThemeButton() {
  const label = `Use the ${theme.value === 'dark' ? 'light' : 'dark'} theme`;
  return (
    <button type="button" class="icon wide-only" aria-label={label} title={label} onClick={toggleTheme}>
      {theme.value === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
    </button>
  );
}

const IN_MENU: readonly (readonly string[])[] = [
  ['link', 'invite', 'open', 'palette'],
  ['side', 'bottom', 'theme', 'settings', 'account'],
  ['room-settings', 'rules', 'leave', 'close-room'],
];

function RoomMenu() {
  const all = new Map(commands(useWorkspace()).map((command) => [command.id, command]));
  const items = IN_MENU.flatMap((group) =>
    group.map((id, index) => menuItem(all.get(id) as Command, index === 0 && group !== IN_MENU[0])),
  );
  return (
    <Menu label="Room menu" items={items}>
      <Ellipsis size={16} aria-hidden="true" />
    </Menu>
  );
}
