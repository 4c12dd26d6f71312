// The test cases of the file in front, each with what came of it when it ran last; they are made and changed here.
import '../styles/tests.css';
import { useSignal } from '@preact/signals';
import { FlaskConical, Play, Plus } from 'lucide-preact';
import { useEffect } from 'preact/hooks';
import type { File, RunView, TestCase, Verdict } from '../../client/index.ts';
import { testActive } from '../state/actions.ts';
import { isUnderWay } from '../state/runs.ts';
import { removeCase, useTestCases } from '../state/test-cases.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Loaded } from '../ui/loaded.tsx';
import { RunError } from './run-error.tsx';
import { CaseForm } from './test-form.tsx';
import { Comparison, VerdictSign } from './verdict.tsx';

export function TestsPanel() {
  const { view, tabs } = useWorkspace();
  const file = view.files.value.find(({ id }) => id === tabs.active.value?.fileId);
  return file ? <FileTests file={file} /> : <p class="empty">Open a file to see its tests.</p>;
}

function FileTests({ file }: { file: File }) {
  const { view, runs } = useWorkspace();
  const loading = useTestCases(view, file.id);
  const last = runs.all.value.find((run) => run.kind === 'test' && run.fileId === file.id);
  useVerdicts(last);
  return (
    <Loaded of={loading} what="the tests">
      {(cases) => <Cases file={file} cases={cases} last={last} />}
    </Loaded>
  );
}

interface CasesProps {
  readonly file: File;
  readonly cases: readonly TestCase[];
  readonly last: RunView | undefined;
}

function Cases({ file, cases, last }: CasesProps) {
  const { view } = useWorkspace();
  const editing = useSignal<string | undefined>(undefined);
  const verdicts = new Map(last?.verdicts.map((verdict) => [verdict.caseId, verdict]));
  const close = () => {
    editing.value = undefined;
  };
  return (
    <div class="tests">
      <Bar
        path={file.path}
        last={last}
        isEmpty={cases.length === 0}
        onNew={() => {
          editing.value = 'new';
        }}
      />
      {cases.length === 0 && editing.value !== 'new' && <NoTests mayWrite={view.rights.value.write} />}
      <ul class="tests-list">
        {cases.map((each) =>
          editing.value === each.id ? (
            <li key={each.id} class="test">
              <CaseForm fileId={file.id} known={each} onClose={close} />
            </li>
          ) : (
            <Case
              key={each.id}
              each={each}
              verdict={verdicts.get(each.id)}
              onEdit={() => {
                editing.value = each.id;
              }}
            />
          ),
        )}
      </ul>
      {editing.value === 'new' && <CaseForm fileId={file.id} known={undefined} onClose={close} />}
    </div>
  );
}

interface BarProps {
  readonly path: string;
  readonly last: RunView | undefined;
  readonly isEmpty: boolean;
  readonly onNew: () => void;
}

function Bar({ path, last, isEmpty, onNew }: BarProps) {
  const workspace = useWorkspace();
  const { write, run } = workspace.view.rights.value;
  return (
    <div class="tests-bar">
      {!isEmpty && run && (
        <button type="button" class="button small" onClick={() => testActive(workspace)}>
          <Play size={12} aria-hidden="true" /> Run all
        </button>
      )}
      {write && (
        <button type="button" class="button small" onClick={onNew}>
          <Plus size={12} aria-hidden="true" /> New test
        </button>
      )}
      <span class="tests-file">{path}</span>
      <span class="stretch" />
      {last?.tests && <Tally run={last} />}
    </div>
  );
}

/** Verdicts of a run from before one came are on the server. */
function useVerdicts(run: RunView | undefined): void {
  const { view } = useWorkspace();
  const missing = run && !run.whole && !isUnderWay(run) ? run.id : undefined;
  useEffect(() => {
    if (missing !== undefined) void view.room.load(missing).catch(() => undefined);
  }, [missing]);
}

function NoTests({ mayWrite }: { mayWrite: boolean }) {
  return (
    <p class="empty">
      <FlaskConical size={16} aria-hidden="true" /> This file has no tests yet. A test gives the program arguments and
      input, and says what it has to print.{' '}
      {mayWrite ? 'Make one with “New test”.' : 'Who may write the file can make some.'}
    </p>
  );
}

function Tally({ run }: { run: RunView }) {
  const { passed, done, total } = run.tests ?? { passed: 0, done: 0, total: 0 };
  const all = passed === total;
  return (
    <span class={all ? 'tally good' : isUnderWay(run) ? 'tally' : 'tally bad'} role="status">
      {isUnderWay(run) ? `${done} of ${total} done` : `${passed} of ${total} passed`}
    </span>
  );
}

interface CaseProps {
  readonly each: TestCase;
  readonly verdict: Verdict | undefined;
  readonly onEdit: () => void;
}

function Case({ each, verdict, onEdit }: CaseProps) {
  const workspace = useWorkspace();
  const { write, run } = workspace.view.rights.value;
  return (
    <li class="test">
      <div class="test-line">
        <VerdictSign verdict={verdict?.verdict} />
        <span class="test-name">{each.name}</span>
        {each.args.length > 0 && <code class="test-args">{each.args.join(' ')}</code>}
        <span class="stretch" />
        {run && (
          <button type="button" class="link" onClick={() => testActive(workspace, [each.id])}>
            Run
          </button>
        )}
        {write && (
          <>
            <button type="button" class="link" onClick={onEdit}>
              Change
            </button>
            <button type="button" class="link" onClick={() => void removeCase(workspace.view, each)}>
              Remove
            </button>
          </>
        )}
      </div>
      {verdict && verdict.verdict !== 'passed' && <Reason verdict={verdict} />}
    </li>
  );
}

function Reason({ verdict }: { verdict: Verdict }) {
  const { expectedOutput, output, outputCut, error } = verdict;
  return (
    <div class="test-reason">
      {error && <RunError error={error} />}
      {expectedOutput !== null && <Comparison expected={expectedOutput} printed={output} cut={outputCut} />}
    </div>
  );
}
