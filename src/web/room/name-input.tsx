// A file's path, typed in the tree: of a new file, or the new one of a file. Enter takes it, Esc doesn't.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { File } from '../../client/index.ts';
import { useWorkspace } from '../state/workspace.ts';

interface NameInputProps {
  readonly level: number;
  readonly start: string;
  /** The file that is renamed; a new one when left out. */
  readonly file?: File;
}

export function NameInput({ level, start, file }: NameInputProps) {
  const { files } = useWorkspace();
  const input = useRef<HTMLInputElement>(null);
  const path = useSignal(start);
  const clean = path.value.trim().normalize('NFC');
  const problem = clean === '' ? undefined : files.problem(clean, file);
  // Enter takes the field away, which blurs it, which would take the name a second time.
  const ended = useRef(false);
  // Before the next key comes, hence not after painting.
  useLayoutEffect(() => selectName(input.current, start), []);
  const end = () => {
    ended.current = true;
    files.naming.value = undefined;
  };
  const take = () => {
    if (ended.current) return undefined;
    if (clean === '' || clean === file?.path) return end();
    if (problem) return undefined;
    end();
    return void (file ? files.rename(file, clean) : files.create(clean));
  };
  return (
    <div class="name-input" role="treeitem" tabIndex={-1} aria-level={level} style={{ '--level': level }}>
      <input
        ref={input}
        class="input small"
        spellcheck={false}
        autocomplete="off"
        aria-label={file ? `New path of ${file.path}` : 'Path of the new file'}
        aria-invalid={problem !== undefined}
        placeholder="src/main.ts"
        value={path}
        onInput={(event) => {
          path.value = event.currentTarget.value;
        }}
        onBlur={() => (problem && !ended.current ? end() : take())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') take();
          else if (event.key === 'Escape') end();
        }}
      />
      {problem && (
        <p class="hint bad" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Marks what one most likely wants to change: the name without its extension. */
function selectName(input: HTMLInputElement | null, start: string): void {
  if (!input) return;
  input.focus();
  const from = start.lastIndexOf('/') + 1;
  const dot = start.lastIndexOf('.');
  input.setSelectionRange(from, dot > from ? dot : start.length);
}
