// Runs: a program goes to the execution engine; what comes back goes to the room and is stored.
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Secrets } from '../../db/secrets.ts';
import type { LookUp } from '../../db/straight.ts';
import type { Tables } from '../../db/tables.ts';
import type { Execution as Engine } from '../../execution/execution.ts';
import { may } from '../../kernel/access.ts';
import type { Publisher, SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Foresight, Handlers } from '../../kernel/registry.ts';
import type { Log } from '../../observe/log.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Execution } from '../../protocol/runs.ts';
import { type Drive, singleDrive } from './drive.ts';
import { Environments, type RunEnvironment } from './environments.ts';
import { LiveRun, type LiveRunPorts } from './live-run.ts';
import {
  type Given,
  type Program,
  type ProgramPorts,
  type ProgramRequest,
  readEarlierProgram,
  readProgram,
} from './program.ts';
import { RunHistory } from './run-history.ts';
import { RunRecord } from './run-record.ts';
import { readStatistics } from './statistics.ts';
import { chooseCases, listCases, removeCase, saveCase } from './test-cases.ts';
import { TestDrive } from './test-drive.ts';

export interface RunsPorts extends ProgramPorts {
  readonly engine: Engine;
  readonly publisher: Publisher;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly lookUp: LookUp;
}

interface Undertaking {
  readonly about: { readonly id: string; readonly roomId: string; readonly userId: string };
  readonly program: Program;
  readonly given: Given;
  readonly environment: RunEnvironment | undefined;
}

export class Runs {
  readonly #ports: RunsPorts;
  readonly #record: RunRecord;
  readonly #environments: Environments;
  readonly #live = new Map<string, LiveRun>();
  /** Accepted by the engine, not committed yet. */
  readonly #starting = new Map<string, LiveRun>();
  readonly #history: RunHistory;
  /** By the input of its call: the environment that it will need. */
  readonly #foreseen = new WeakMap<object, Promise<RunEnvironment | undefined>>();

  constructor(ports: RunsPorts) {
    this.#ports = ports;
    this.#environments = new Environments(ports);
    this.#record = new RunRecord(ports.db, ports.log);
    this.#history = new RunHistory(ports.db, this.#live);
  }

  /** The commands of this slice. */
  handlers(): Handlers {
    return {
      ...this.#environments.handlers(),
      'run.start': (context, input) => this.#startNew(context, input),
      'run.repeat': (context, input) => this.#repeat(context, input),
      'run.test': (context, input) => this.#test(context, input),
      'run.cancel': (context) => this.#cancel(context),
      'run.input': (context, input) => this.#input(context, input),
      'run.get': (_context, { executionId }) => this.#history.read(executionId),
      'run.list': ({ room }, input) => this.#history.list(input, room.files),
      'run.statistics': ({ trx }, input) => readStatistics(trx, input),
      'run.load': async (_context, { roomId }) => this.#load(roomId),
      'test.list': async ({ trx }, { fileId }) => ({ cases: await listCases(trx, fileId) }),
      'test.save': saveCase,
      'test.remove': removeCase,
      'language.list': ({ trx }) => this.#languages(trx),
    };
  }

  /** The environment of a run whose language is told depends on nothing that the caller's right is needed for. */
  foresight(): Foresight {
    return {
      'run.start': (input) => {
        const { roomId, language } = input;
        if (language !== undefined) this.#foreseen.set(input, unheard(this.#environment(roomId, language, input)));
      },
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
    const all = [...this.#starting.values(), ...this.#live.values()];
    for (const run of all) if (run.roomId === roomId) run.cancel('the room was closed');
  }

  /** The server stops: resolves when the rows of all runs are written, or have failed once more. */
  async settled(): Promise<void> {
    this.#record.close();
    await Promise.all([...this.#live.values()].map((run) => run.stored));
  }

  async #startNew(context: SlowContext, input: Given & Omit<ProgramRequest, 'may'>) {
    const { roomId, files } = context.room;
    const [program, known] = await Promise.all([
      readProgram(this.#ports, { ...input, may: files }),
      this.#foreseen.get(input),
    ]);
    const environment = this.#foreseen.has(input) ? known : await this.#environment(roomId, program.language, input);
    return this.#start(context, { program, environment }, input);
  }

  async #repeat(context: SlowContext, input: { executionId: string } & Pick<Given, 'stdin' | 'args'>) {
    const { given, ...program } = await readEarlierProgram(this.#ports.db, input.executionId);
    const { stdin = given.stdin, args = given.args } = input;
    const environment = await this.#environment(context.room.roomId, program.language, given);
    return this.#start(context, { program, environment }, { ...given, stdin, args });
  }

  async #test(context: SlowContext, input: Parameters<typeof chooseCases>[1]) {
    const cases = await chooseCases(this.#ports.db, input);
    const { roomId, files } = context.room;
    const program = await readProgram(this.#ports, { roomId, fileId: input.fileId, may: files });
    const environment = await this.#environment(roomId, program.language, {});
    return this.#start(context, { program: { ...program, kind: 'test' }, environment }, { cases });
  }

  #environment(roomId: string, language: string, { environmentId }: Given): Promise<RunEnvironment | undefined> {
    return this.#environments.resolve({ roomId, language, environmentId });
  }

  /**
   * The engine accepts it before the row is made: what it refuses leaves neither row nor fact. It runs while the row is
   * made; nobody hears of it before the commit, and the answer comes when that is on the disk.
   */
  async #start(
    context: SlowContext,
    { program, environment }: Pick<Undertaking, 'program' | 'environment'>,
    given: Given,
  ): Promise<{ execution: Execution }> {
    const { user, room } = context;
    const { language, entry, kind } = program;
    const about = { id: randomUUID(), roomId: room.roomId, userId: user.id };
    const { id } = about;
    const run = new LiveRun(this.#livePorts(program, about), this.#drive({ about, program, given, environment }));
    run.start();
    this.#starting.set(id, run);
    try {
      const made = await context.transaction(async ({ trx, record }) => {
        const row = { ...about, program, given: { ...given, environmentId: environment?.id } };
        const created = await this.#record.create(trx, row);
        const resource = { type: 'run', id } as const;
        await record({ type: 'run.started', roomId: room.roomId, resource, after: { language, entry, kind } });
        return created;
      });
      const accepted = made();
      this.#live.set(id, run);
      run.accept(accepted);
      await this.#record.onDisk();
      // As it was accepted, whatever the engine has made of it meanwhile: the events tell.
      return { execution: accepted };
    } catch (error) {
      this.#live.delete(id);
      run.cancel('the run could not be stored');
      throw error;
    } finally {
      this.#starting.delete(id);
    }
  }

  #drive({ about, program, given, environment }: Undertaking): Drive {
    const { engine } = this.#ports;
    const { language, entry, files } = program;
    const { stdin, args = [], interactive = false, cases } = given;
    const { limits = {}, env = {}, image } = environment ?? {};
    const request = { ...about, language, entry, files, limits, env, ...(image !== undefined && { image }) };
    if (cases) return new TestDrive({ engine, request, cases });
    return singleDrive(engine, { ...request, args, interactive, ...(stdin !== undefined && { stdin }) });
  }

  async #languages(db: Kysely<Tables>) {
    const off = await this.#environments.switchedOff(db);
    const reason = 'An administrator has switched it off.';
    const languages = this.#ports.engine.languages().map((language) => {
      const shown = { ...language, extensions: [...language.extensions] };
      return off.has(language.id) ? { ...shown, available: false, reason } : shown;
    });
    return { languages };
  }

  #load(roomId: string) {
    const { running, waiting, parked, warm, bound, isolation, trouble } = this.#ports.engine.stats();
    const own = [...this.#live.values()].filter((run) => run.roomId === roomId).map(({ view }) => view.status);
    const count = (status: string) => own.filter((each) => each === status).length;
    const room = { running: count('running'), waiting: count('queued') };
    const sandboxes = this.#ports.engine.sandboxes().map(({ state, roomId: of, runs, rssBytes, cpuMs }) => {
      return { state, own: of === roomId, runs, memoryBytes: rssBytes, cpuMs };
    });
    return { running, waiting, parked, warm, bound, isolation, working: trouble === undefined, sandboxes, room };
  }

  /** Who may not read what a run is made of does not hear of it. */
  #livePorts({ fileId, entry, files }: Program, { roomId }: Undertaking['about']): LiveRunPorts {
    const paths = Object.keys(files).filter((path) => path !== entry || fileId !== null);
    const publisher: LiveRunPorts['publisher'] = {
      publish: (event, _room, payload) => this.#ports.publisher.publish(event, { roomId, paths }, payload),
    };
    return { roomId, publisher, record: this.#record, onEnd: (id: string) => void this.#live.delete(id) };
  }

  async #cancel(context: TransactionContext): Promise<{ cancelled: boolean }> {
    const { user, room } = context;
    const execution = room.execution as { id: string; userId: string | null };
    if (execution.userId !== user.id && room.role !== 'owner') {
      throw new AppError('forbidden', 'Only who started a run, or the owner of the room, can cancel it.');
    }
    const resource = { type: 'run', id: execution.id } as const;
    await context.record({ type: 'run.cancelled', roomId: room.roomId, resource });
    const run = this.#live.get(execution.id) ?? this.#starting.get(execution.id);
    return { cancelled: run?.cancel(`${user.displayName} cancelled it`) ?? false };
  }

  async #input(context: TransactionContext, { text, end }: { text: string; end: boolean }) {
    const { user, room } = context;
    const execution = room.execution as { id: string; userId: string | null };
    if (execution.userId !== user.id && !may(room.role, 'file.write')) {
      throw new AppError('forbidden', 'Only who started a run, or who may write files here, can type into it.');
    }
    const resource = { type: 'run', id: execution.id } as const;
    await context.record({ type: 'run.input', roomId: room.roomId, resource, after: { length: text.length, end } });
    return { accepted: this.#live.get(execution.id)?.input(text, end) ?? false };
  }
}

/** A promise whose failure is that of whoever waits for it later; nobody need. */
function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
