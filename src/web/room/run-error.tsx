// Why a run failed, with the places in the room's files to go to.
import type { Execution } from '../../client/index.ts';
import { useWorkspace } from '../state/workspace.ts';

type Failure = NonNullable<Execution['error']>;

/** `src/main.ts:3:14` somewhere in a stack. */
const PLACE = /([^\s():]+):(\d+):(\d+)/g;

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
}

/** A button where the file is still there, plain text where not (a snippet, a deleted file). */
function PlaceLink({ path, line, column }: PlaceProps) {
  const { view, tabs } = useWorkspace();
  const file = view.files.value.find((each) => each.path === path);
  const text = `${path}:${line}${column === undefined ? '' : `:${column}`}`;
  if (!file) return <code>{text}</code>;
  const place = { line, ...(column !== undefined && { column }) };
  return (
    <button type="button" class="link code" title={`Go to ${text}`} onClick={() => tabs.enter(file.id, place)}>
      {text}
    </button>
  );
}

function Linked({ text }: { text: string }) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(PLACE)) {
    const [all, path = '', line, column] = match;
    parts.push(text.slice(from, match.index));
    parts.push(<PlaceLink key={match.index} path={path} line={Number(line)} column={Number(column)} />);
    from = match.index + all.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}
