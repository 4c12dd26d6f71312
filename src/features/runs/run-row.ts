// A row of code_executions as the contract shows it.
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Execution, ResultTable, RunOutcome, RunSource, Verdict } from '../../protocol/runs.ts';
import { storedPieces } from './output-record.ts';
import { SNIPPET } from './program.ts';

/** What lists need: nothing that is large. */
export const SUMMARY = [
  'id',
  'session_id',
  'file_id',
  'user_id',
  'kind',
  'language',
  'entry',
  'status',
  'interactive',
  'output_marks',
  'output_truncated',
  'error',
  'sources',
  'tests',
  'queue_ms',
  'wall_ms',
  'input_ms',
  'cpu_ms',
  'memory_bytes',
  'created_at',
  'started_at',
  'completed_at',
] as const;

const WHOLE = [
  ...SUMMARY,
  'output',
  'result',
  'result_tables',
  'code',
  'selection_line',
  'stdin',
  'args',
  'repeat_of',
  'environment_id',
] as const;

/** Runs in short. */
export function runSummaries(db: Kysely<Tables>) {
  return db.selectFrom('code_executions').select(SUMMARY);
}

/** The files that a run was made of. */
export function pathsOf({ kind, entry, sources }: Pick<SummaryRow, 'kind' | 'entry' | 'sources'>): string[] {
  return [...(kind === 'snippet' ? [] : [entry]), ...Object.keys(sources as object)];
}

/** Runs with everything. */
export function wholeRuns(db: Kysely<Tables>) {
  return db.selectFrom('code_executions').select(WHOLE);
}

export type SummaryRow = Awaited<ReturnType<ReturnType<typeof runSummaries>['executeTakeFirstOrThrow']>>;
type WholeRow = Awaited<ReturnType<ReturnType<typeof wholeRuns>['executeTakeFirstOrThrow']>>;

export function toExecution(row: SummaryRow): Execution {
  return {
    id: row.id,
    roomId: row.session_id,
    fileId: row.file_id,
    userId: row.user_id,
    kind: row.kind,
    language: row.language,
    entry: row.entry === '' ? SNIPPET : row.entry,
    status: row.status,
    position: null,
    interactive: row.interactive,
    waitsForInput: false,
    outputPieces: Array.isArray(row.output_marks) ? row.output_marks.length : 0,
    outputTruncated: row.output_truncated,
    error: row.error as Execution['error'],
    tests: tallyOf(row.tests),
    queueMs: row.queue_ms,
    wallMs: row.wall_ms,
    inputMs: row.input_ms,
    cpuMs: row.cpu_ms,
    memoryBytes: row.memory_bytes === null ? null : Number(row.memory_bytes),
    saved: true,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}

/** Cases that were not run have no verdict. */
function verdictsOf(tests: unknown): Verdict[] {
  return Array.isArray(tests) ? (tests as Partial<Verdict>[]).filter(isVerdict) : [];
}

const isVerdict = (test: Partial<Verdict>): test is Verdict => test.verdict !== undefined;

function tallyOf(tests: unknown): Execution['tests'] {
  if (!Array.isArray(tests)) return null;
  const verdicts = verdictsOf(tests);
  const passed = verdicts.filter(({ verdict }) => verdict === 'passed').length;
  return { passed, done: verdicts.length, total: tests.length };
}

export function toSource(row: WholeRow): RunSource {
  return {
    code: row.code,
    line: row.selection_line,
    stdin: row.stdin,
    args: row.args as string[],
    files: Object.keys(row.sources as object),
    environmentId: row.environment_id,
    repeatOf: row.repeat_of,
  };
}

function tablesOf(stored: unknown): ResultTable[] {
  return Array.isArray(stored) ? (stored as ResultTable[]) : [];
}

export function toWhole(row: WholeRow) {
  const pieces = storedPieces(row.output, row.output_marks);
  const execution = { ...toExecution(row), outputPieces: pieces.length };
  const over = row.status !== 'queued' && row.status !== 'running';
  const outcome: RunOutcome | null = over ? { result: row.result, tables: tablesOf(row.result_tables) } : null;
  return { execution, pieces, verdicts: verdictsOf(row.tests), outcome, source: toSource(row) };
}
