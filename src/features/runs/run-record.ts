// What the database keeps of runs: their row, measurements, and notes about security. A row is made when a run is
// accepted, and its end is written sooner or later, whatever the database does meanwhile.

import { type Kysely, sql, type Transaction, type Updateable } from 'kysely';
import { insertion } from '../../db/fixed-statement.ts';
import { gather } from '../../db/gather.ts';
import { ahead, aheadFor } from '../../db/pipeline.ts';
import type { Tables } from '../../db/tables.ts';
import type { RunMode } from '../../execution/run.ts';
import type { Log } from '../../observe/log.ts';
import type { Execution, RunOutcome, Verdict } from '../../protocol/runs.ts';
import type { DriveResult } from './drive.ts';
import type { StoredOutput } from './output-record.ts';
import { type Attempts, PatientWriter } from './patient-writer.ts';
import { type Given, type Program, storeSources } from './program.ts';
import { SUMMARY, type SummaryRow, toExecution } from './run-row.ts';
import { noteSecurity, type SecurityNote, suspicionsIn } from './security-log.ts';
import { storable, storableJson } from './storable.ts';

export interface NewRun {
  readonly id: string;
  readonly roomId: string;
  readonly userId: string;
  readonly program: Program;
  readonly given: Given;
}

export interface RunStart {
  readonly at: Date;
  readonly queueMs: number;
  readonly sandboxId: string;
  readonly mode: RunMode;
}

export interface RunEnd {
  readonly execution: Execution;
  readonly result: DriveResult;
  readonly outcome: RunOutcome;
  readonly output: StoredOutput;
  readonly start: RunStart | undefined;
  readonly verdicts: readonly Verdict[];
}

/** Sandboxes remembered, so that each is noted once; far more than live at any time. */
const SANDBOXES_KEPT = 1000;
/** After this many failures for other reasons than the connection the end is written without the run's own texts. */
const FAILURES_WITH_TEXTS = 3;

/**
 * The commit does not wait for the disk, and neither does output. Who has started the run does, and its end: with what
 * they wait for, everything that was committed before is on the disk.
 */
const UNHURRIED = sql`set local synchronous_commit to off`;

/** Any commit that has written something waits for the disk; this writes the least that there is. */
const TO_DISK = sql`select pg_logical_emit_message(true, 'coderoom', '')`;

const GIVEN = ['stdin', 'args', 'interactive', 'tests', 'environment_id', 'repeat_of'] as const;
const PROGRAM = ['kind', 'language', 'entry', 'code', 'selection_line', 'sources', 'document_version'] as const;
const intoRuns = insertion(
  'code_executions',
  ['id', 'session_id', 'file_id', 'user_id', ...PROGRAM, ...GIVEN],
  SUMMARY,
);

export class RunRecord {
  readonly #db: Kysely<Tables>;
  readonly #log: Log;
  readonly #writer: PatientWriter;
  readonly #sandboxes = new Set<string>();
  readonly #toDisk: (key: undefined) => Promise<unknown>;

  constructor(db: Kysely<Tables>, log: Log) {
    this.#db = db;
    this.#toDisk = gather(async (waiting) => {
      await TO_DISK.execute(db);
      return waiting;
    });
    this.#log = log;
    this.#writer = new PatientWriter(log);
  }

  /**
   * Makes the row of a run, in the transaction that accepts it, with its commit: there and back once for all of it.
   * @returns what gives the run after the commit
   */
  async create(trx: Transaction<Tables>, run: NewRun): Promise<() => Execution> {
    const { id, roomId, userId, program, given } = run;
    await ahead(trx, UNHURRIED);
    const sources = await storeSources(trx, roomId, program);
    for (const reason of suspicionsIn(program.files)) {
      await noteSecurity(trx, { ...run, executionId: id, type: 'suspicious_code', severity: 'medium', reason });
    }
    const made = await aheadFor(
      trx,
      intoRuns<SummaryRow>([
        {
          id,
          session_id: roomId,
          file_id: program.fileId,
          user_id: userId,
          environment_id: given.environmentId ?? null,
          repeat_of: program.repeatOf,
          kind: program.kind,
          language: program.language,
          entry: program.entry,
          code: storable(program.code),
          selection_line: program.line,
          sources: JSON.stringify(sources),
          stdin: given.stdin === undefined ? null : storable(given.stdin),
          args: storableJson(given.args ?? []),
          interactive: given.interactive ?? false,
          tests: given.cases === undefined ? null : storableJson(given.cases),
          document_version: program.stateVector && Buffer.from(program.stateVector),
        },
      ]),
    );
    return () => toExecution(made()[0]!);
  }

  /** Resolves when what was committed until now outlasts the database's sudden end. */
  async onDisk(): Promise<void> {
    await this.#toDisk(undefined);
  }

  /** Notes that a run goes on. What fails here is written again with its end. */
  async start({ id, roomId, userId }: Execution, start: RunStart): Promise<void> {
    const { at, queueMs, sandboxId, mode } = start;
    const isNew = this.#isNew(sandboxId);
    try {
      await this.#db.transaction().execute(async (trx) => {
        await ahead(trx, UNHURRIED);
        const begun = { status: 'running', started_at: at, queue_ms: queueMs, sandbox_id: sandboxId, mode } as const;
        await trx.updateTable('code_executions').set(begun).where('id', '=', id).execute();
        if (isNew) await noteSandbox(trx, { roomId, userId, executionId: id, sandboxId });
      });
    } catch (error) {
      this.#log.warn({ err: error, executionId: id }, 'the start of a run could not be stored');
    }
  }

  /** Writes the end of a run; goes on trying until it is written or the server stops. */
  end(end: RunEnd): Attempts {
    const { id, roomId, userId } = end.execution;
    const sandboxId = end.start?.sandboxId;
    const isNew = sandboxId !== undefined && this.#isNew(sandboxId);
    let refusals = 0;
    const write = async (): Promise<boolean> => {
      try {
        const row = refusals < FAILURES_WITH_TEXTS ? wholeEnd(end) : bareEnd(end);
        return await this.#db.transaction().execute(async (trx) => {
          if (isNew) await noteSandbox(trx, { roomId, userId, executionId: id, sandboxId });
          return writeEnd(trx, end, row);
        });
      } catch (error) {
        if (isRefusal(error)) refusals++;
        throw error;
      }
    };
    return this.#writer.write(write, { executionId: id });
  }

  /** No pauses from now on: what is not written yet is tried once more. */
  close(): void {
    this.#writer.close();
  }

  #isNew(sandboxId: string): boolean {
    if (this.#sandboxes.has(sandboxId)) return false;
    this.#sandboxes.add(sandboxId);
    for (const oldest of this.#sandboxes) {
      if (this.#sandboxes.size <= SANDBOXES_KEPT) break;
      this.#sandboxes.delete(oldest);
    }
    return true;
  }
}

type EndRow = Updateable<Tables['code_executions']>;

function bareEnd({ execution, result, start }: RunEnd): EndRow {
  return {
    status: execution.status,
    wall_ms: result.wallMs,
    input_ms: result.inputMs,
    cpu_ms: result.cpuMs,
    memory_bytes: BigInt(Math.round(result.memoryBytes)),
    queue_ms: result.queueMs,
    output_bytes: BigInt(Math.round(result.outputBytes)),
    output_truncated: result.outputTruncated,
    error_message: 'What the run left could not be stored.',
    ...(start && { started_at: start.at, sandbox_id: start.sandboxId, mode: start.mode }),
    completed_at: execution.completedAt && new Date(execution.completedAt),
  };
}

function wholeEnd(end: RunEnd): EndRow {
  const { execution, outcome, output } = end;
  const { error } = execution;
  return {
    ...bareEnd(end),
    output: output.output,
    output_marks: JSON.stringify(output.marks),
    result: outcome.result,
    result_tables: outcome.tables.length === 0 ? null : JSON.stringify(outcome.tables),
    error: error && JSON.stringify(error),
    error_message: error?.message ?? null,
  };
}

function noteSandbox(
  trx: Transaction<Tables>,
  about: Pick<SecurityNote, 'roomId' | 'userId' | 'executionId' | 'sandboxId'>,
): Promise<void> {
  return noteSecurity(trx, { ...about, type: 'sandbox_created', severity: 'low', reason: 'run' });
}

/** The cases with their verdicts; those that were not run stay as they are. */
function withVerdicts(verdicts: readonly Verdict[]) {
  const rest = `$[${verdicts.length} to last]`;
  return sql<string>`${storableJson(verdicts)}::jsonb || jsonb_path_query_array(tests, ${rest}::jsonpath)`;
}

/** @returns whether there was a row to write it to */
async function writeEnd(trx: Transaction<Tables>, end: RunEnd, row: EndRow): Promise<boolean> {
  const { execution, start } = end;
  const tests = execution.tests && { tests: withVerdicts(end.verdicts) };
  const update = trx.updateTable('code_executions').set({ ...row, ...tests });
  const { numUpdatedRows } = await update.where('id', '=', execution.id).executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  if (start) await trx.insertInto('performance_metrics').values(measurements(end)).execute();
  await noteFailure(trx, end);
  return true;
}

async function noteFailure(trx: Transaction<Tables>, { execution, result, start }: RunEnd): Promise<void> {
  const { id: executionId, roomId, userId } = execution;
  const note = { executionId, roomId, userId, sandboxId: start?.sandboxId };
  switch (result.error?.kind) {
    case 'memory':
    case 'timeout':
    case 'output':
      return noteSecurity(trx, { ...note, type: 'resource_limit', severity: 'low', reason: result.error.kind });
    case 'sandbox':
      return noteSecurity(trx, { ...note, type: 'sandbox_failed', severity: 'medium', reason: 'sandbox' });
    default:
      return undefined;
  }
}

function measurements({ execution, result }: RunEnd) {
  const { id: executionId, language, status, roomId } = execution;
  const metadata = JSON.stringify({ executionId, language, status });
  const values = {
    'run.queue_ms': result.queueMs,
    'run.wall_ms': result.wallMs,
    'run.cpu_ms': result.cpuMs,
    'run.memory_bytes': result.memoryBytes,
  };
  return Object.entries(values).map(([metric_type, value]) => ({ session_id: roomId, metric_type, value, metadata }));
}

/** The database answered and does not take it: no loss of the connection (classes 08, 53, 57), no conflict (40). */
function isRefusal(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|40|53|57)/.test(code);
}
