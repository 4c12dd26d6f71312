// One run under way: what the engine tells of it goes to the room and into its row. The rows of one run are written one
// after the other, and the room hears of the end after it is stored.
import type { Kysely, Updateable } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { RunEvent, RunResult } from '../../execution/execution.ts';
import type { Publisher } from '../../kernel/context.ts';
import type { Log } from '../../observe/log.ts';
import type { Execution } from '../../protocol/runs.ts';

type RunError = NonNullable<RunResult['error']>;

export interface LiveRunPorts {
  readonly db: Kysely<Tables>;
  readonly publisher: Publisher;
  readonly log: Log;
}

export class LiveRun {
  readonly roomId: string;
  readonly #ports: LiveRunPorts;
  readonly #onEnd: () => void;
  #view: Execution;
  #output = '';
  #stored: Promise<void> = Promise.resolve();

  /** @param onEnd called when the last row is written */
  constructor(ports: LiveRunPorts, view: Execution, onEnd: () => void) {
    this.roomId = view.roomId;
    this.#ports = ports;
    this.#view = view;
    this.#onEnd = onEnd;
  }

  /** The run as it is now, with the output so far. */
  get view(): Execution {
    return { ...this.#view, output: this.#output };
  }

  /** Resolves when everything heard so far is stored. */
  get stored(): Promise<void> {
    return this.#stored;
  }

  hear(event: RunEvent): void {
    const { publisher } = this.#ports;
    const { roomId } = this;
    switch (event.type) {
      case 'queued':
        this.#view = { ...this.#view, position: event.position };
        return publisher.publish('run.queued', roomId, { roomId, execution: this.#view });
      case 'started':
        return this.#start(event.queueMs, event.sandboxId);
      case 'output': {
        this.#output += event.text;
        const { seq, stream, text } = event;
        return publisher.publish('run.output', roomId, { roomId, executionId: this.#view.id, seq, stream, text });
      }
      case 'finished':
        return this.#finish(event.result);
    }
  }

  #start(queueMs: number, sandboxId: string): void {
    const { roomId } = this;
    const at = new Date();
    this.#view = { ...this.#view, status: 'running', position: null, queueMs, startedAt: at.toISOString() };
    this.#store({ status: 'running', started_at: at, queue_ms: queueMs, sandbox_id: sandboxId });
    this.#ports.publisher.publish('run.started', roomId, { roomId, execution: this.#view });
  }

  #finish(result: RunResult): void {
    const completedAt = new Date();
    const { status, wallMs, cpuMs, memoryBytes, queueMs, outputTruncated } = result;
    const output = storable(this.#output);
    const value = result.value === undefined ? null : storable(result.value);
    const error = result.error ? storableError(result.error) : null;
    this.#view = {
      ...this.#view,
      status,
      wallMs,
      cpuMs,
      memoryBytes,
      queueMs,
      outputTruncated,
      position: null,
      output,
      result: value,
      error,
      completedAt: completedAt.toISOString(),
    };
    this.#store({
      status,
      wall_ms: wallMs,
      cpu_ms: cpuMs,
      memory_bytes: BigInt(Math.round(memoryBytes)),
      queue_ms: queueMs,
      output,
      output_truncated: outputTruncated,
      result: value,
      error: error && JSON.stringify(error),
      error_message: error?.message ?? null,
      completed_at: completedAt,
    });
    this.#stored = this.#stored.then(() => {
      this.#onEnd();
      const { roomId } = this;
      this.#ports.publisher.publish('run.finished', roomId, { roomId, execution: this.#view });
    });
  }

  /** A row that cannot be written is logged; the room still sees the run to its end. */
  #store(set: Updateable<Tables['code_executions']>): void {
    const { db, log } = this.#ports;
    const { id } = this.#view;
    this.#stored = this.#stored.then(async () => {
      try {
        await db.updateTable('code_executions').set(set).where('id', '=', id).execute();
      } catch (error) {
        log.error({ err: error, executionId: id }, 'a run could not be stored');
      }
    });
  }
}

/** PostgreSQL text cannot hold U+0000, and its JSON no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

function storableError(error: RunError): RunError {
  const { message, file, stack } = error;
  return {
    ...error,
    message: storable(message),
    ...(file === undefined ? {} : { file: storable(file) }),
    ...(stack === undefined ? {} : { stack: storable(stack) }),
  };
}
