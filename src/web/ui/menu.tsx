// A button with a menu. The menu lies in the browser's top layer, so no panel cuts it off.
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { shownKeys } from './keys.ts';

export interface MenuItem {
  readonly label: string;
  readonly keys?: string | undefined;
  /** Why it cannot be chosen. */
  readonly hindrance?: string | undefined;
  readonly danger?: boolean;
  /** Starts a group. */
  readonly apart?: boolean;
  readonly run: () => void;
}

interface MenuProps {
  readonly label: string;
  readonly class?: string;
  readonly items: readonly MenuItem[];
  readonly tabIndex?: number;
  readonly children: ComponentChildren;
}

/** CSS pixels kept free at the edge of the window. */
const EDGE = 8;

export function Menu({ label, items, children, class: look = 'icon', tabIndex }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  // Items exist only while they show: a tree of a thousand files has a thousand menus.
  const [open, setOpen] = useState(false);
  useLayoutEffect(() => {
    if (!open || !menu.current || !button.current) return;
    place(menu.current, button.current.getBoundingClientRect());
    enabledItems(menu.current)[0]?.focus();
  }, [open]);
  return (
    <>
      <button
        ref={button}
        type="button"
        class={look}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        {...{ popovertarget: id, tabIndex }}
      >
        {children}
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        class="menu"
        onToggle={(event) => setOpen(event.newState === 'open')}
        onKeyDown={(event) => menu.current && moveInMenu(event, menu.current)}
      >
        {open && items.map((item) => <Item key={item.label} item={item} close={() => menu.current?.hidePopover()} />)}
      </div>
    </>
  );
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={`menu-item ${item.danger ? 'danger' : ''} ${item.apart ? 'apart' : ''}`}
      aria-disabled={item.hindrance !== undefined}
      title={item.hindrance}
      onClick={() => {
        if (item.hindrance !== undefined) return;
        close();
        item.run();
      }}
    >
      <span>{item.label}</span>
      {item.keys && <kbd>{shownKeys(item.keys)}</kbd>}
    </button>
  );
}

function place(menu: HTMLElement, anchor: DOMRect): void {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const left = Math.min(anchor.right - width < EDGE ? anchor.left : anchor.right - width, innerWidth - width - EDGE);
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - EDGE ? Math.max(EDGE, anchor.top - height - 4) : below;
  menu.style.left = `${Math.max(EDGE, left)}px`;
  menu.style.top = `${top}px`;
}

function enabledItems(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
}

function moveInMenu(event: KeyboardEvent, menu: HTMLElement): void {
  const items = enabledItems(menu);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === 'Tab') menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length]?.focus();
}
