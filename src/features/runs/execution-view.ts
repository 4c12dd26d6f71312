// A row of code_executions as the contract shows it.
import type { Execution } from '../../protocol/runs.ts';

/** The name of a snippet: it has no file. */
export const SNIPPET = 'snippet';

export const EXECUTION_COLUMNS = [
  'id',
  'session_id',
  'file_id',
  'user_id',
  'language',
  'status',
  'output',
  'output_truncated',
  'result',
  'error',
  'queue_ms',
  'wall_ms',
  'cpu_ms',
  'memory_bytes',
  'created_at',
  'started_at',
  'completed_at',
] as const;

interface ExecutionRow {
  readonly id: string;
  readonly session_id: string;
  readonly file_id: string | null;
  readonly user_id: string | null;
  readonly language: string;
  readonly status: Execution['status'];
  readonly output: string | null;
  readonly output_truncated: boolean;
  readonly result: string | null;
  readonly error: unknown;
  readonly queue_ms: number | null;
  readonly wall_ms: number | null;
  readonly cpu_ms: number | null;
  readonly memory_bytes: bigint | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
}

/** @param entry the path that ran, or SNIPPET */
export function toExecution(row: ExecutionRow, entry: string): Execution {
  return {
    id: row.id,
    roomId: row.session_id,
    fileId: row.file_id,
    userId: row.user_id,
    language: row.language,
    entry,
    status: row.status,
    position: null,
    output: row.output,
    outputTruncated: row.output_truncated,
    result: row.result,
    error: row.error as Execution['error'],
    queueMs: row.queue_ms,
    wallMs: row.wall_ms,
    cpuMs: row.cpu_ms,
    memoryBytes: row.memory_bytes === null ? null : Number(row.memory_bytes),
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}
