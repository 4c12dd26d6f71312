// Commands in menus.
import type { Command } from '../state/commands.ts';
import type { MenuItem } from '../ui/menu.tsx';

/** A command as an entry of a menu. */
export function menuItem(command: Command, apart: boolean): MenuItem {
  const { title, keys, hindrance, run, id } = command;
  return { label: title, keys: keys?.[0], hindrance, run, apart, danger: id === 'close-room' };
}
