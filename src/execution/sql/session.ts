// An isolate with SQLite in it and the practice data: what one SQL run runs in.
import ivm from 'isolated-vm';
import { Deadline, lateError } from '../deadline.ts';
import type { RunError, RunFrame } from '../ipc.ts';
import { answerRandom } from '../isolate-host.ts';
import type { OutputBatch } from '../output-batch.ts';
import type { RunEnd } from '../run-report.ts';
import { isResultTable, type ResultTable, TABLE_LIMITS } from '../tables.ts';
import { ISOLATE_MODULES, SQL_JS, SQL_WASM } from './isolate-source.ts';
import { PRACTICE_DATA } from './practice-data.ts';

/** The timeout of calls that prepare an isolate: these only hang when the machine does. */
const PREPARE_MS = 60_000;

/** Heap for what is around SQLite, in MB: rows on their way out, and files that a query attaches. */
const HEAP_MB = 96;

/** Handed to every isolate as a copy: one that would change it changes its own. */
const WASM = new ivm.ExternalCopy(SQL_WASM);

interface Globals {
  readonly WebAssembly: { readonly Module: new (bytes: ArrayBuffer) => object };
}

/** Held by every session, so that what V8 has compiled of it stays for those to come. */
const COMPILED = new (globalThis as unknown as Globals).WebAssembly.Module(SQL_WASM);

type IsolateFunction = ivm.Reference<(...args: never[]) => unknown>;

export class SqlSession {
  /** Resolves when the run must end before its program does. */
  readonly stopped: Promise<RunError>;

  readonly compiled = COMPILED;

  readonly #isolate: ivm.Isolate;
  readonly #tables: string[] = [];
  #run!: IsolateFunction;
  #output: OutputBatch | undefined;
  #deadline: Deadline | undefined;
  #stop!: (error: RunError) => void;

  private constructor(onFatal: () => void) {
    this.#isolate = new ivm.Isolate({ memoryLimit: HEAP_MB, onCatastrophicError: onFatal });
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** @param onFatal called when V8 has lost control of the isolate */
  static async open(onFatal: () => void): Promise<SqlSession> {
    const session = new SqlSession(onFatal);
    const context = await session.#isolate.createContext();
    await session.#prepare(context);
    return session;
  }

  begin(frame: RunFrame, output: OutputBatch): void {
    this.#output = output;
    const late = (limit: 'wall' | 'input'): void => this.stop(lateError(limit, frame));
    this.#deadline = new Deadline({ wallMs: frame.limits.wallMs, inputWaitMs: 0, late });
  }

  /** SQL reads no input. */
  take(): void {}

  /** Runs the entry. Rejects with what V8 has to say: time, memory. */
  async execute({ entry, files, args, env, limits }: RunFrame): Promise<RunEnd> {
    const job = JSON.stringify({ entry, files, args, env, limits: TABLE_LIMITS });
    const timeout = Math.max(1, Math.ceil(this.#deadline?.left ?? PREPARE_MS));
    const given = [job, limits.heapMb * 1024 * 1024];
    const problem = (await this.#run.apply(undefined, given as never[], { timeout })) as string;
    const heap = this.#isolate.getHeapStatisticsSync();
    const heapBytes = heap.used_heap_size + heap.externally_allocated_size;
    return problem === '' ? { heapBytes } : { heapBytes, error: JSON.parse(problem) as RunError };
  }

  /** The results so far. */
  get tables(): readonly ResultTable[] {
    return this.#tables.map((json) => JSON.parse(json) as unknown).filter(isResultTable);
  }

  /** Ends the run from outside. Safe to call from one of the isolate's own calls. */
  stop(error: RunError): void {
    this.#stop(error);
    setImmediate(() => this.close());
  }

  close(): void {
    this.#deadline?.clear();
    if (!this.#isolate.isDisposed) this.#isolate.dispose();
  }

  async #prepare(context: ivm.Context): Promise<void> {
    const modules = new Map<string, ivm.Module>();
    for (const [name, code] of ISOLATE_MODULES) {
      modules.set(name, this.#isolate.compileModuleSync(code, { filename: `coderoom:${name}` }));
    }
    const main = modules.get('main.ts')!;
    main.instantiateSync(context, (specifier) => modules.get(specifier.slice(specifier.lastIndexOf('/') + 1))!);
    await main.evaluate();
    const glue = this.#isolate.compileScriptSync(SQL_JS, { filename: 'coderoom:sql.js' });
    await glue.run(context, { release: true });
    const install = (await main.namespace.get('install', { reference: true })) as IsolateFunction;
    this.#run = (await main.namespace.get('run', { reference: true })) as IsolateFunction;
    const given = [...this.#hostFunctions(), WASM.copyInto(), PRACTICE_DATA] as never[];
    await install.apply(undefined, given, { timeout: PREPARE_MS, result: { promise: true } });
  }

  /** In the order of `install` in isolate/main.ts. They check their arguments and throw nothing. */
  #hostFunctions(): ivm.Callback[] {
    const write = (stream: unknown, text: unknown): void => {
      if (typeof text === 'string') this.#output?.write(stream === 'system' ? 'system' : 'stdout', text);
    };
    const table = (index: unknown, json: unknown): void => {
      if (typeof json !== 'string' || json.length > TABLE_LIMITS.bytes) return;
      if (typeof index === 'number' && index >= 0 && index <= this.#tables.length && index < TABLE_LIMITS.tables) {
        this.#tables[index] = json;
      }
    };
    return [new ivm.Callback(write), new ivm.Callback(table), new ivm.Callback(answerRandom)];
  }
}
