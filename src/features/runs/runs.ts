// Runs: a program goes to the execution engine; what comes back goes to the room and is stored.
import { randomUUID } from 'node:crypto';
import type { Execution as Engine } from '../../execution/execution.ts';
import type { Publisher, SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import type { Log } from '../../observe/log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Execution } from '../../protocol/runs.ts';
import { LiveRun } from './live-run.ts';
import { type Program, type ProgramPorts, readEarlierProgram, readProgram } from './program.ts';
import { RunHistory } from './run-history.ts';
import { RunRecord } from './run-record.ts';

export interface RunsPorts extends ProgramPorts {
  readonly engine: Engine;
  readonly publisher: Publisher;
  readonly log: Log;
}

/** What a run is given besides its program. */
interface Given {
  readonly stdin: string | undefined;
}

export class Runs {
  readonly #ports: RunsPorts;
  readonly #record: RunRecord;
  readonly #live = new Map<string, LiveRun>();
  readonly #history: RunHistory;

  constructor(ports: RunsPorts) {
    this.#ports = ports;
    this.#record = new RunRecord(ports.db, ports.log);
    this.#history = new RunHistory(ports.db, this.#live);
  }

  /** The commands of this slice. */
  handlers(): Handlers {
    return {
      'run.start': async (context, input) =>
        this.#start(context, await readProgram(this.#ports, input), { stdin: input.stdin }),
      'run.repeat': (context, input) => this.#repeat(context, input),
      'run.cancel': (context) => this.#cancel(context),
      'run.get': (_context, { executionId }) => this.#history.read(executionId),
      'run.list': (_context, input) => this.#history.list(input),
      'language.list': async () => ({
        languages: this.#ports.engine
          .languages()
          .map((language) => ({ ...language, extensions: [...language.extensions] })),
      }),
    };
  }

  /** At start: what a dead server left running has failed. */
  async failAbandoned(): Promise<void> {
    const message = 'The server stopped during the run.';
    await this.#ports.db
      .updateTable('code_executions')
      .set({
        status: 'failed',
        completed_at: new Date(),
        error: JSON.stringify({ kind: 'sandbox', message }),
        error_message: message,
      })
      .where('status', 'in', ['queued', 'running'])
      .execute();
  }

  /** Ends everything that runs or waits in a room. */
  cancelRoom(roomId: string): void {
    for (const [id, run] of this.#live) if (run.roomId === roomId) this.#ports.engine.cancel(id, 'the room was closed');
  }

  /** The server stops: resolves when the rows of all runs are written, or have failed once more. */
  async settled(): Promise<void> {
    this.#record.close();
    await Promise.all([...this.#live.values()].map((run) => run.stored));
  }

  async #repeat(context: SlowContext, input: { executionId: string; stdin?: string | undefined }) {
    const { stdin, ...program } = await readEarlierProgram(this.#ports.db, input.executionId);
    return this.#start(context, program, { stdin: input.stdin ?? stdin ?? undefined });
  }

  /** The engine accepts it within the transaction: what it refuses leaves neither row nor fact. */
  async #start(context: SlowContext, program: Program, { stdin }: Given): Promise<{ execution: Execution }> {
    const { user, room } = context;
    const { language, entry, files } = program;
    const id = randomUUID();
    const about = { id, roomId: room.roomId, userId: user.id };
    let run: LiveRun | undefined;
    let accepted: Execution;
    try {
      accepted = await context.transaction(async ({ trx, record }) => {
        const view = await this.#record.create(trx, { ...about, program, stdin });
        const resource = { type: 'run', id } as const;
        await record({ type: 'run.started', roomId: room.roomId, resource, after: { language, entry } });
        const live = new LiveRun(this.#livePorts(), view);
        const request = { ...about, language, entry, files, ...(stdin === undefined ? {} : { stdin }) };
        this.#ports.engine.start(request, (event) => live.hear(event));
        run = live;
        this.#live.set(id, live);
        return view;
      });
    } catch (error) {
      this.#live.delete(id);
      if (run) this.#ports.engine.cancel(id, 'the run could not be stored');
      throw error;
    }
    run?.release();
    // As it was accepted, whatever the engine has made of it meanwhile: the events tell.
    return { execution: accepted };
  }

  #livePorts() {
    const { publisher } = this.#ports;
    return { publisher, record: this.#record, onEnd: (id: string) => void this.#live.delete(id) };
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
}
