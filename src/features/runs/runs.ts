// Runs: a program goes to the execution engine; what comes back goes to the room and is stored.
import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Secrets } from '../../db/secrets.ts';
import type { Tables } from '../../db/tables.ts';
import type { Execution as Engine } from '../../execution/execution.ts';
import { may } from '../../kernel/access.ts';
import type { Publisher, SlowContext, TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
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
  readonly #history: RunHistory;

  constructor(ports: RunsPorts) {
    this.#ports = ports;
    this.#environments = new Environments(ports.secrets);
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
    for (const run of this.#live.values()) if (run.roomId === roomId) run.cancel('the room was closed');
  }

  /** The server stops: resolves when the rows of all runs are written, or have failed once more. */
  async settled(): Promise<void> {
    this.#record.close();
    await Promise.all([...this.#live.values()].map((run) => run.stored));
  }

  /** What is told with the call needs no look at the files: both are looked up at once. */
  async #startNew(context: SlowContext, input: Given & Omit<ProgramRequest, 'may'>) {
    const { language } = input;
    const [program, known] = await Promise.all([
      readProgram(this.#ports, { ...input, may: context.room.files }),
      language === undefined ? undefined : this.#environment(context, language, input),
    ]);
    const environment = language === undefined ? await this.#environment(context, program.language, input) : known;
    return this.#start(context, { program, environment }, input);
  }

  async #repeat(context: SlowContext, input: { executionId: string } & Pick<Given, 'stdin' | 'args'>) {
    const { given, ...program } = await readEarlierProgram(this.#ports.db, input.executionId);
    const { stdin = given.stdin, args = given.args } = input;
    const environment = await this.#environment(context, program.language, given);
    return this.#start(context, { program, environment }, { ...given, stdin, args });
  }

  async #test(context: SlowContext, input: Parameters<typeof chooseCases>[1]) {
    const cases = await chooseCases(this.#ports.db, input);
    const { roomId, files } = context.room;
    const program = await readProgram(this.#ports, { roomId, fileId: input.fileId, may: files });
    const environment = await this.#environment(context, program.language, {});
    return this.#start(context, { program: { ...program, kind: 'test' }, environment }, { cases });
  }

  #environment({ room }: SlowContext, language: string, { environmentId }: Given): Promise<RunEnvironment | undefined> {
    return this.#environments.resolve(this.#ports.db, { roomId: room.roomId, language, environmentId });
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
    let run: LiveRun | undefined;
    let accepted: Execution;
    try {
      accepted = await context.transaction(async ({ trx, record }) => {
        const drive = this.#drive({ about, program, given, environment });
        const live = new LiveRun(this.#livePorts(program, room.roomId), drive);
        live.start();
        run = live;
        const row = { ...about, program, given: { ...given, environmentId: environment?.id } };
        const view = await this.#record.create(trx, row);
        live.accept(view);
        this.#live.set(id, live);
        const resource = { type: 'run', id } as const;
        await record({ type: 'run.started', roomId: room.roomId, resource, after: { language, entry, kind } });
        return view;
      });
      run?.release();
      await this.#record.onDisk();
    } catch (error) {
      this.#live.delete(id);
      run?.cancel('the run could not be stored');
      throw error;
    }
    // As it was accepted, whatever the engine has made of it meanwhile: the events tell.
    return { execution: accepted };
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
  #livePorts({ fileId, entry, files }: Program, roomId: string): LiveRunPorts {
    const paths = Object.keys(files).filter((path) => path !== entry || fileId !== null);
    const publisher: LiveRunPorts['publisher'] = {
      publish: (event, _room, payload) => this.#ports.publisher.publish(event, { roomId, paths }, payload),
    };
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
    return { cancelled: this.#live.get(execution.id)?.cancel(`${user.displayName} cancelled it`) ?? false };
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
