// The command palette and quick open: a field, and what fits below it. Shortcuts stand beside the commands.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { File } from '../../client/index.ts';
import { type Command, commands } from '../state/commands.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { shownKeys } from '../ui/keys.ts';
import { type Found, search } from './palette-search.ts';

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly hint?: string | undefined;
  readonly keys?: string | undefined;
  readonly disabled: boolean;
  readonly run: () => void;
}

export function CommandPalette({ onClose }: { onClose: () => void }) {
  const all = commands(useWorkspace()).filter(({ id }) => id !== 'palette');
  const entries = all.map(({ id, title, keys, hindrance, run }: Command) => ({
    id,
    text: title,
    hint: hindrance,
    keys: keys?.[0],
    disabled: hindrance !== undefined,
    run,
  }));
  return (
    <Palette
      label="Commands"
      placeholder="Type a command"
      nothing="No such command."
      entries={entries}
      onClose={onClose}
    />
  );
}

export function FilePalette({ onClose }: { onClose: () => void }) {
  const { view, tabs } = useWorkspace();
  const open = new Set(tabs.list.value.map(({ fileId }) => fileId));
  const files = [...view.files.value].sort((a, b) => Number(open.has(b.id)) - Number(open.has(a.id)));
  const entries = files.map(({ id, path }: File) => ({
    id,
    text: path,
    hint: open.has(id) ? 'open' : undefined,
    disabled: false,
    run: () => tabs.enter(id),
  }));
  return (
    <Palette
      label="Open file"
      placeholder="Some letters of the file’s path"
      nothing="No such file."
      entries={entries}
      onClose={onClose}
    />
  );
}

interface PaletteProps {
  readonly label: string;
  readonly placeholder: string;
  readonly nothing: string;
  readonly entries: readonly Entry[];
  readonly onClose: () => void;
}

/** Rows in the page at most: nobody reads on, one types another letter. */
const SHOWN = 100;

function Palette({ label, placeholder, nothing, entries, onClose }: PaletteProps) {
  const query = useSignal('');
  const chosen = useSignal(0);
  const field = useRef<HTMLInputElement>(null);
  const found = search(entries, query.value, ({ text }) => text).slice(0, SHOWN);
  const at = Math.min(chosen.value, found.length - 1);
  const take = (entry: Entry | undefined) => {
    if (!entry || entry.disabled) return;
    // Gives the focus back now, so that the command may put it elsewhere, and before the next key comes.
    field.current?.closest('dialog')?.close();
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step !== undefined) chosen.value = stepped(at, step, found.length);
    else if (event.key === 'Enter') take(found[at]?.item);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label={label} class="palette" onClose={onClose}>
      <input
        ref={field}
        class="palette-input"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found[at] ? `palette-${at}` : undefined}
        aria-label={label}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <div class="palette-list" id="palette-list" role="listbox" aria-label={label}>
        {found.map((each, index) => (
          <Row key={each.item.id} found={each} index={index} chosen={index === at} onTake={() => take(each.item)} />
        ))}
      </div>
      {found.length === 0 && (
        <p class="empty" role="status">
          {nothing}
        </p>
      )}
    </Dialog>
  );
}

function stepped(at: number, step: number, length: number): number {
  if (length === 0) return 0;
  if (Math.abs(step) === 1) return (at + step + length) % length;
  return Math.max(0, Math.min(length - 1, at + step));
}

interface RowProps {
  readonly found: Found<Entry>;
  readonly index: number;
  readonly chosen: boolean;
  readonly onTake: () => void;
}

function Row({ found: { item, marks }, index, chosen, onTake }: RowProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <div
      ref={element}
      id={`palette-${index}`}
      role="option"
      tabIndex={-1}
      class={chosen ? 'palette-row chosen' : 'palette-row'}
      aria-selected={chosen}
      aria-disabled={item.disabled}
      onClick={onTake}
      onKeyDown={(event) => event.key === 'Enter' && onTake()}
    >
      <Marked text={item.text} marks={marks} />
      {item.hint !== undefined && <span class="small-print">{item.hint}</span>}
      {item.keys !== undefined && <kbd>{shownKeys(item.keys)}</kbd>}
    </div>
  );
}

function Marked({ text, marks }: { text: string; marks: readonly number[] }) {
  const marked = new Set(marks);
  if (marks.length === 0) return <span class="palette-text">{text}</span>;
  return (
    <span class="palette-text">
      {text.split('').map((letter, index) => (marked.has(index) ? <mark key={index}>{letter}</mark> : letter))}
    </span>
  );
}
