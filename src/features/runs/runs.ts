// Runs: a file of the room or a snippet goes to the execution engine; what comes back goes to the room and is stored.
import { randomUUID } from 'node:crypto';
import { pageOf } from '../../db/page.ts';
import type { Execution as Engine } from '../../execution/execution.ts';
import type { SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Execution } from '../../protocol/runs.ts';
import { EXECUTION_COLUMNS, SNIPPET, toExecution } from './execution-view.ts';
import { LiveRun, type LiveRunPorts, storable } from './live-run.ts';
import { type ProgramPorts, type ProgramRequest, readProgram } from './program.ts';

export interface RunsPorts extends LiveRunPorts, ProgramPorts {
  readonly engine: Engine;
}

export class Runs {
  readonly #ports: RunsPorts;
  readonly #live = new Map<string, LiveRun>();

  constructor(ports: RunsPorts) {
    this.#ports = ports;
  }

  /** The commands of this slice. */
  handlers(): Handlers {
    return {
      'run.start': (context, input) => this.#start(context, input),
      'run.cancel': (context) => this.#cancel(context),
      'run.get': async (_context, { executionId }) => ({ execution: await this.#read(executionId) }),
      'run.list': (_context, input) => this.#list(input),
      'language.list': async () => ({
        languages: this.#ports.engine
          .languages()
          .map((language) => ({ ...language, extensions: [...language.extensions] })),
      }),
    };
  }

  /** At start: what a dead server left running has failed. */
  async failAbandoned(): Promise<void> {
    await this.#ports.db
      .updateTable('code_executions')
      .set({
        status: 'failed',
        completed_at: new Date(),
        error: JSON.stringify({ kind: 'sandbox', message: 'The server stopped during the run.' }),
      })
      .where('status', 'in', ['queued', 'running'])
      .execute();
  }

  /** Ends everything that runs or waits in a room. */
  cancelRoom(roomId: string): void {
    for (const [id, run] of this.#live) if (run.roomId === roomId) this.#ports.engine.cancel(id, 'the room was closed');
  }

  /** Resolves when the rows of all runs are written. */
  async settled(): Promise<void> {
    await Promise.all([...this.#live.values()].map((run) => run.stored));
  }

  async #start(context: SlowContext, input: ProgramRequest & { stdin?: string | undefined }) {
    const { user, room } = context;
    const program = await readProgram(this.#ports, input);
    const { language, entry, files } = program;
    const id = randomUUID();
    const row = await context.transaction(async ({ trx, record }) => {
      const resource = { type: 'run', id } as const;
      await record({ type: 'run.started', roomId: room.roomId, resource, after: { language, entry } });
      return trx
        .insertInto('code_executions')
        .values({
          id,
          session_id: room.roomId,
          file_id: program.fileId,
          user_id: user.id,
          language,
          code: storable(program.code),
          status: 'queued',
          document_version: program.stateVector && Buffer.from(program.stateVector),
        })
        .returning(EXECUTION_COLUMNS)
        .executeTakeFirstOrThrow();
    });
    const run = new LiveRun(this.#ports, toExecution(row, entry), () => this.#live.delete(id));
    this.#live.set(id, run);
    const given = input.stdin === undefined ? {} : { stdin: input.stdin };
    try {
      const request = { id, roomId: room.roomId, userId: user.id, language, entry, files, ...given };
      this.#ports.engine.start(request, (event) => run.hear(event));
    } catch (refused) {
      this.#live.delete(id);
      await this.#ports.db.deleteFrom('code_executions').where('id', '=', id).execute();
      throw refused;
    }
    return { execution: run.view };
  }

  async #cancel(context: TransactionContext): Promise<{ cancelled: boolean }> {
    const { user, room } = context;
    const execution = room.execution as { id: string; userId: string | null };
    if (execution.userId !== user.id && room.role !== 'owner') {
      throw new AppError('forbidden', 'Only who started a run, or the owner of the room, can cancel it.');
    }
    const resource = { type: 'run', id: execution.id } as const;
    await context.record({ type: 'run.cancelled', roomId: room.roomId, resource });
    return { cancelled: this.#ports.engine.cancel(execution.id, `${user.displayName} cancelled it`) };
  }

  async #read(id: string): Promise<Execution> {
    const live = this.#live.get(id);
    if (live) return live.view;
    const row = await this.#rows().where('run.id', '=', id).executeTakeFirst();
    if (!row) throw new AppError('not_found', 'There is no such run.');
    return toExecution(row, row.path ?? SNIPPET);
  }

  async #list(input: { roomId: string; limit: number; cursor?: string | undefined }) {
    const runs = this.#rows().where('run.session_id', '=', input.roomId);
    const { items, nextCursor } = await pageOf(input).fetch(runs, { time: 'run.created_at', id: 'run.id' });
    const executions = items.map((row) => this.#live.get(row.id)?.view ?? toExecution(row, row.path ?? SNIPPET));
    return { executions, nextCursor };
  }

  #rows() {
    return this.#ports.db
      .selectFrom('code_executions as run')
      .leftJoin('files as file', 'file.id', 'run.file_id')
      .select(EXECUTION_COLUMNS.map((column) => `run.${column}` as const))
      .select('file.path');
  }
}
