// Why a run failed, with the places in the room's files to go to.
import type { Execution } from '../../client/index.ts';
import { useWorkspace } from '../state/workspace.ts';

type Failure = NonNullable<Execution['error']>;

/** `src/main.ts:3:14` somewhere in a stack, or `File "main.py", line 3` in a traceback of Python. */
const PLACE = /([^\s():"]+):(\d+):(\d+)|(?<=File ")([^"\n]+)", line (\d+)/g;

export function RunError({ error }: { error: Failure }) {
  const { file, line, column, kind, message, stack } = error;
  return (
    <div class="run-error">
      <p class="run-message" title={kind}>
        {message}
      </p>
      {file !== undefined && line !== undefined && (
        <p>
          <PlaceLink path={file} line={line} {...(column !== undefined && { column })} />
        </p>
      )}
      {stack !== undefined && (
        <details>
          <summary>Stack</summary>
          <pre>
            <Linked text={stack} />
          </pre>
        </details>
      )}
    </div>
  );
}

interface PlaceProps {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  /** What stands there; the place itself when left out. */
  readonly words?: string;
}

/** A button where the file is still there, plain text where not (a snippet, a deleted file). */
function PlaceLink({ path, line, column, words }: PlaceProps) {
  const { view, tabs } = useWorkspace();
  const file = view.files.value.find((each) => each.path === path);
  const place = { line, ...(column !== undefined && { column }) };
  const text = `${path}:${line}${column === undefined ? '' : `:${column}`}`;
  if (!file) return <code>{words ?? text}</code>;
  return (
    <button type="button" class="link code" title={`Go to ${text}`} onClick={() => tabs.enter(file.id, place)}>
      {words ?? text}
    </button>
  );
}

function Linked({ text }: { text: string }) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(PLACE)) {
    const [all, path = match[4] ?? '', line = match[5], column] = match;
    parts.push(text.slice(from, match.index));
    const place = { path, line: Number(line), ...(column !== undefined && { column: Number(column) }) };
    parts.push(<PlaceLink key={match.index} {...place} words={all} />);
    from = match.index + all.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}
