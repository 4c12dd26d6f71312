// What a run prints, as it comes: standard output plain, standard error and the sandbox's own words marked by a line and
// a label, not only by colour. Appending costs the same whatever was printed before.

import { signal, useSignal } from '@preact/signals';
import { CornerDownRight, RotateCw, Square, Table } from 'lucide-preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Execution, OutputPiece, ResultTable, RunOutcome, RunView } from '../../client/index.ts';
import { isUnderWay } from '../state/runs.ts';
import { useWorkspace } from '../state/workspace.ts';
import { shownKeys } from '../ui/keys.ts';
import { Bones } from '../ui/loaded.tsx';
import { byteSize, duration, fullTime, shortTime } from '../ui/times.ts';
import { ResultTables } from './result-tables.tsx';
import { RunError } from './run-error.tsx';
import { RunInput } from './run-input.tsx';
import { RunStatus, runTime } from './run-words.tsx';

export function Output() {
  const { runs } = useWorkspace();
  const run = runs.shown.value;
  return run ? <RunOutput key={run.id} run={run} /> : <NoRun />;
}

function NoRun() {
  const { view } = useWorkspace();
  const text = view.rights.value.run
    ? `Nothing was run in this room yet. Run the file in front with ${shownKeys('Mod-Enter')}; everybody sees what it prints.`
    : 'Nothing was run in this room yet. When somebody runs code, you see here what it prints.';
  return <p class="empty">{text}</p>;
}

/** Whether results are shown as the text that the program printed. */
const asText = signal(false);

/** The results that are shown in place of standard output, which has the same as text. */
function shownTables({ outcome }: RunView): readonly ResultTable[] {
  return asText.value ? [] : (outcome?.tables ?? []);
}

/** CSS pixels from the end that still count as being at the end. */
const NEAR_END = 32;

function RunOutput({ run }: { run: RunView }) {
  const { view } = useWorkspace();
  const mayType = view.rights.value.write || (view.rights.value.run && run.userId === view.me.value.userId);
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const tables = shownTables(run);
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current && atEnd.current && tables.length === 0) current.scrollTop = current.scrollHeight;
  });
  useLayoutEffect(() => {
    // Results are read from their beginning.
    if (scroller.current && tables.length > 0) scroller.current.scrollTop = 0;
  }, [tables.length > 0]);
  return (
    <div class="run">
      <RunLine run={run} />
      <div
        ref={scroller}
        class="run-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        role="log"
        aria-live="polite"
        aria-label={`Output of ${run.entry}`}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {/* Before the results, which may be long. */}
        {tables.length > 0 && run.error && <RunError error={run.error} />}
        {tables.length > 0 && <ResultTables run={run} tables={tables} />}
        <Pieces run={run} but={tables.length > 0 ? 'stdout' : undefined} />
        {run.outputTruncated && <p class="run-note">The output was cut off here: it reached the limit.</p>}
        {tables.length === 0 && run.error && <RunError error={run.error} />}
        {run.outcome && <Outcome run={run} outcome={run.outcome} />}
        {!run.saved && (
          <p class="run-note" role="status">
            The database does not have the end of this run yet. The server goes on trying.
          </p>
        )}
        {!run.whole && !isUnderWay(run) && <Bones what="the output" />}
      </div>
      {run.interactive && run.status === 'running' && mayType && <RunInput run={run} />}
    </div>
  );
}

function Outcome({ run, outcome: { result } }: { run: RunView; outcome: RunOutcome }) {
  return (
    <>
      {result !== null && (
        <p class="run-result">
          <CornerDownRight size={14} class="result-sign" aria-hidden="true" /> <span class="sr-only">Result: </span>
          <code class="result-text">{result}</code>
        </p>
      )}
      {run.status === 'completed' && run.whole && run.pieces.length === 0 && result === null && (
        <p class="run-note">Ended without printing anything.</p>
      )}
    </>
  );
}

function RunLine({ run }: { run: RunView }) {
  const { view, runs } = useWorkspace();
  const who = run.userId ? view.participants.value.get(run.userId)?.displayName : undefined;
  const mine = run.userId === view.me.value.userId;
  const underWay = isUnderWay(run);
  return (
    <div class="run-line">
      <RunStatus run={run} />
      <span class="run-entry" title={run.entry}>
        {run.entry}
      </span>
      <span class="muted" title={fullTime(run.createdAt)}>
        {who ? `${mine ? 'you' : who}, ` : ''}
        {shortTime(run.createdAt)}
      </span>
      {run.tests && (
        <span class="muted">
          {run.tests.passed} of {run.tests.total} passed
        </span>
      )}
      <span class="stretch" />
      {run.status === 'running' ? <Elapsed since={run.startedAt ?? run.createdAt} /> : <Figures run={run} />}
      {(run.outcome?.tables.length ?? 0) > 0 && (
        <button
          type="button"
          class="icon small"
          aria-label="Results as tables"
          title={asText.value ? 'Show the results as tables' : 'Show the results as text'}
          aria-pressed={!asText.value}
          onClick={() => {
            asText.value = !asText.value;
          }}
        >
          <Table size={14} aria-hidden="true" />
        </button>
      )}
      {underWay && (mine || view.rights.value.manage) && (
        <button type="button" class="button small" onClick={() => void runs.cancel(run.id)}>
          <Square size={12} aria-hidden="true" /> Cancel
        </button>
      )}
      {!underWay && view.rights.value.run && (
        <button
          type="button"
          class="icon small"
          aria-label="Run this again, with the code as it was then"
          title="Run this again, with the code as it was then"
          onClick={() => void runs.repeat(run.id)}
        >
          <RotateCw size={14} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}

function Figures({ run }: { run: Execution }) {
  return (
    <span class="figures">
      {run.wallMs !== null && <span title="Time from start to end">{runTime(run)}</span>}
      {run.cpuMs !== null && <span title="Processor time">CPU {duration(run.cpuMs)}</span>}
      {run.memoryBytes !== null && run.memoryBytes > 0 && (
        <span title="Most memory in use">{byteSize(run.memoryBytes)}</span>
      )}
      {run.queueMs !== null && run.queueMs >= 100 && (
        <span title="Time in the queue">waited {duration(run.queueMs)}</span>
      )}
    </span>
  );
}

function Elapsed({ since }: { since: string }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 100);
    return () => clearInterval(timer);
  }, []);
  return (
    <span class="figures" aria-hidden="true">
      {duration(Math.max(0, now.value - Date.parse(since)))}
    </span>
  );
}

const LABELS = { stdout: '', stderr: 'stderr', system: 'sandbox', stdin: 'input' } as const;

/** Pieces in the page at most; the ones before are shown on demand. */
const PIECES_SHOWN = 1500;

/** @param but a stream that is left out */
function Pieces({ run, but }: { run: RunView; but: OutputPiece['stream'] | undefined }) {
  const all = useSignal(false);
  const pieces = but === undefined ? run.pieces : run.pieces.filter(({ stream }) => stream !== but);
  const hidden = all.value ? 0 : Math.max(0, pieces.length - PIECES_SHOWN);
  return (
    <>
      {hidden > 0 && (
        <button
          type="button"
          class="link run-note"
          onClick={() => {
            all.value = true;
          }}
        >
          Show the {hidden} earlier pieces of output
        </button>
      )}
      {blocks(hidden > 0 ? pieces.slice(hidden) : pieces).map((block) => (
        <pre key={block.key} class={`stream ${block.stream}`}>
          {block.stream !== 'stdout' && <span class="stream-label">{LABELS[block.stream]}</span>}
          {block.pieces.map((piece) => (
            <span key={piece.seq}>{piece.text}</span>
          ))}
        </pre>
      ))}
    </>
  );
}

interface Block {
  readonly key: number;
  readonly stream: OutputPiece['stream'];
  readonly pieces: OutputPiece[];
}

/** Neighbouring pieces of one stream belong together: a line may come in parts. */
function blocks(pieces: readonly OutputPiece[]): readonly Block[] {
  const found: Block[] = [];
  for (const piece of pieces) {
    const last = found.at(-1);
    if (last?.stream === piece.stream) last.pieces.push(piece);
    else found.push({ key: piece.seq, stream: piece.stream, pieces: [piece] });
  }
  return found;
}
