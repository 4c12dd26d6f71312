// The sandbox process: one isolate for one run, the next one prepared as soon as that has ended. The only file that
// loads isolated-vm. It obeys frames on fd 3 and ends with that pipe. The server trusts nothing that it says.
import { Socket } from 'node:net';
import ivm from 'isolated-vm';
import { describeFailure } from './failure.ts';
import {
  type DoneFrame,
  encodeFrame,
  FrameReader,
  type FromChild,
  type GreetFrame,
  type RunError,
  type RunFrame,
} from './ipc.ts';
import { answerRandom, answerUrl } from './isolate-host.ts';
import { CPU_CHECK_EVERY_MS, MAX_FRAME_FROM_CHILD, MAX_FRAME_TO_CHILD, RUN_LIMITS } from './limits.ts';
import { OutputBatch } from './output-batch.ts';
import { doneFrame, type RunEnd } from './run-report.ts';
import { RUNTIME_MODULES, WARM_UP_RUNS } from './runtime-source.ts';
import { SourceTree } from './source-tree.ts';

type RuntimeCall = 'install' | 'fire' | 'show';
/** A function of runtime/main.ts, called from here. */
type IsolateFunction = ivm.Reference<(...args: never[]) => unknown>;

const pipe = new Socket({ fd: 3, readable: true, writable: true });

/** The runs that warm this process up say nothing. */
let muted = true;

function send(message: FromChild): void {
  if (!muted) pipe.write(encodeFrame(message, MAX_FRAME_FROM_CHILD));
}

/** An isolate with its global scope, waiting for or busy with one run. */
class Session {
  readonly isolate: ivm.Isolate;
  readonly heapMb: number;
  context!: ivm.Context;
  /** Resolves when the run must end before its program does. */
  readonly stopped: Promise<RunError>;

  readonly #functions = new Map<RuntimeCall, IsolateFunction>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** Timers that are due: their callbacks run, or wait for the isolate. */
  #firing = 0;
  #endsAt = Number.POSITIVE_INFINITY;
  #output: OutputBatch | undefined;
  #frame: RunFrame | undefined;
  #stop!: (error: RunError) => void;
  #thrown: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  private constructor(heapMb: number) {
    this.heapMb = heapMb;
    this.isolate = new ivm.Isolate({
      memoryLimit: heapMb,
      onCatastrophicError: () => send({ type: 'fatal', run: current }),
    });
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  static async open(heapMb: number): Promise<Session> {
    const session = new Session(heapMb);
    session.context = await session.isolate.createContext();
    await session.#loadRuntime();
    await session.call('install', session.#hostFunctions());
    return session;
  }

  /** Ties the isolate to its run. */
  begin(frame: RunFrame, output: OutputBatch): void {
    this.#frame = frame;
    this.#output = output;
    this.#endsAt = performance.now() + frame.limits.wallMs;
  }

  /** Milliseconds that are left, at least 1. */
  get left(): number {
    return Math.max(1, Math.ceil(Math.min(this.#endsAt - performance.now(), 60_000)));
  }

  call(name: RuntimeCall, args: unknown[]): Promise<unknown> {
    const options = { timeout: this.left, result: { copy: true } } as const;
    return this.#functions.get(name)!.apply(undefined, args as never[], options) as Promise<unknown>;
  }

  /** Ends the run from outside its program. Safe to call from one of the isolate's own calls. */
  stop(error: RunError): void {
    this.#stop(error);
    setImmediate(() => this.close());
  }

  /** Resolves when no timer is pending; rejects with what the callback of one threw. */
  async idle(): Promise<void> {
    while (this.#thrown === undefined && this.#firing + this.#timers.size > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  async #loadRuntime(): Promise<void> {
    const modules = new Map<string, ivm.Module>();
    for (const [name, code] of RUNTIME_MODULES) {
      modules.set(name, this.isolate.compileModuleSync(code, { filename: `coderoom:${name}` }));
    }
    const main = modules.get('main.ts')!;
    main.instantiateSync(this.context, (specifier) => modules.get(specifier.slice('./'.length))!);
    await main.evaluate();
    for (const name of ['install', 'fire', 'show'] as const) {
      this.#functions.set(name, (await main.namespace.get(name, { reference: true })) as IsolateFunction);
    }
  }

  /** In the order of `install` in runtime/main.ts. They check their arguments: the program can reach them. */
  #hostFunctions(): ivm.Callback[] {
    const write = (stream: unknown, text: unknown): void => {
      if (typeof text === 'string') this.#output?.write(stream === 2 ? 'stderr' : 'stdout', text);
    };
    const start = (id: unknown, ms: unknown, pending: unknown): boolean => this.#startTimer(id, ms, pending);
    const stop = (id: unknown): void => {
      clearTimeout(this.#timers.get(id as number));
      this.#timers.delete(id as number);
    };
    const read = (): string => this.#frame?.stdin ?? '';
    return [write, start, stop, read, answerUrl, answerRandom].map((answer) => new ivm.Callback(answer));
  }

  /** `pending` is what the isolate counts itself: callbacks that wait for it are no timers out here any more. */
  #startTimer(id: unknown, ms: unknown, pending: unknown): boolean {
    if (typeof id !== 'number' || typeof ms !== 'number') return false;
    const most = this.#frame?.limits.timers ?? 0;
    if (Number(pending) >= most || this.#timers.size >= most) return false;
    if (this.#timers.has(id) || this.isolate.isDisposed) return false;
    const fire = (): void => void this.#fire(id);
    this.#timers.set(id, setTimeout(fire, ms));
    return true;
  }

  async #fire(id: number): Promise<void> {
    this.#timers.delete(id);
    this.#firing++;
    try {
      await this.call('fire', [id]);
    } catch (error) {
      this.#thrown ??= { error };
    } finally {
      this.#firing--;
      this.#wake();
    }
  }
}

/** The run under way, 0 before the first. */
let current = 0;
let prepared = Session.open(RUN_LIMITS.heapMb);

async function obey(frame: RunFrame): Promise<void> {
  current = frame.run;
  let session = await prepared;
  if (session.heapMb !== frame.limits.heapMb) {
    session.close();
    session = await Session.open(frame.limits.heapMb);
  }
  const done = await run(session, frame);
  send(done);
  session.close();
  if (!done.reusable) return; // the server ends this process
  prepared = Session.open(frame.limits.heapMb);
  await prepared;
  send({ type: 'ready' });
}

async function run(session: Session, frame: RunFrame): Promise<DoneFrame> {
  const { limits } = frame;
  const output = new OutputBatch(limits.outputBytes, {
    send: (pieces) => send({ type: 'output', run: frame.run, pieces }),
    flooded: () => session.stop({ kind: 'output', message: 'output limit reached' }),
  });
  session.begin(frame, output);
  const unwatch = watch(session, frame);
  const tree = new SourceTree(frame);
  try {
    const end = await Promise.race([
      session.stopped.then((error) => ({ error })),
      execute(session, tree, limits.resultChars).catch((error: unknown) => ({ error: describeFailure(error, tree) })),
    ]);
    output.close();
    return doneFrame(frame.run, end, { output, cpuMs: cpuMs(session), unharmed: !tree.broken });
  } finally {
    unwatch();
  }
}

/** The second deadline: `run({timeout})` does not see microtasks, floods of host calls and some builtins. */
function watch(session: Session, frame: RunFrame): () => void {
  const { wallMs, cpuMs: most } = frame.limits;
  const wall = setTimeout(
    () => session.stop({ kind: 'timeout', message: `time limit of ${wallMs} ms reached` }),
    wallMs,
  );
  const cpu = setInterval(() => {
    if (cpuMs(session) > most) session.stop({ kind: 'timeout', message: `CPU limit of ${most} ms reached` });
  }, CPU_CHECK_EVERY_MS);
  return () => {
    clearTimeout(wall);
    clearInterval(cpu);
  };
}

function cpuMs(session: Session): number {
  return session.isolate.isDisposed ? 0 : Number(session.isolate.cpuTime) / 1e6;
}

async function execute(session: Session, tree: SourceTree, maxChars: number): Promise<RunEnd> {
  const script = tree.entryIsModule ? undefined : await compiledScript(session, tree);
  const value = script === undefined ? await runModule(session, tree) : await runScript(session, script);
  const text = value === undefined ? '' : await session.call('show', [value.derefInto(), maxChars]);
  const heap = session.isolate.getHeapStatisticsSync();
  return { value: String(text), heapBytes: heap.used_heap_size + heap.externally_allocated_size };
}

async function runScript(session: Session, script: ivm.Script): Promise<ivm.Reference> {
  const value = await script.run(session.context, { timeout: session.left, reference: true });
  await session.idle();
  return value as ivm.Reference;
}

/** Undefined when the text is not a script; then it is a module or it is wrong, and the module says how. */
async function compiledScript(session: Session, tree: SourceTree): Promise<ivm.Script | undefined> {
  try {
    return await session.isolate.compileScript(tree.code(tree.entry), { filename: tree.entry });
  } catch (error) {
    if (error instanceof Error && error.name === 'SyntaxError') return undefined;
    throw error;
  }
}

/**
 * isolated-vm drops the promise of a module's evaluation. So a module around the entry says when that has ended:
 * its own bindings cannot be read before.
 */
async function runModule(session: Session, tree: SourceTree): Promise<ivm.Reference | undefined> {
  const modules = await compiledModules(session, tree);
  const around = await session.isolate.compileModule(
    `import * as entry from 'entry'; export const done = true; export const value = entry.default;`,
    { filename: 'coderoom:entry' },
  );
  const paths = new Map(Array.from(modules, ([path, module]) => [module, path]));
  try {
    around.instantiateSync(session.context, (specifier, importer) => {
      const from = paths.get(importer);
      return modules.get(from === undefined ? tree.entry : tree.resolve(specifier, from))!;
    });
  } catch (error) {
    const imports = new Map(Array.from(modules, ([path, module]) => [path, module.dependencySpecifiers]));
    throw tree.missingExport(error as Error, imports);
  }
  await around.evaluate({ timeout: session.left });
  await session.idle();
  const { namespace } = around;
  const done = await namespace.get('done', { reference: true }).catch(() => undefined);
  if (done === undefined) throw new Error('top-level await never ends: nothing is left that could resolve its promise');
  return (await namespace.get('value', { reference: true })) as ivm.Reference;
}

async function compiledModules(session: Session, tree: SourceTree): Promise<Map<string, ivm.Module>> {
  const modules = new Map<string, ivm.Module>();
  const wanted = [tree.entry];
  for (const path of wanted) {
    if (modules.has(path)) continue;
    const module = await session.isolate.compileModule(tree.code(path), { filename: path });
    modules.set(path, module);
    for (const specifier of module.dependencySpecifiers) wanted.push(tree.resolve(specifier, path));
  }
  return modules;
}

const reader = new FrameReader(MAX_FRAME_TO_CHILD);
pipe.on('error', () => process.exit(0));
pipe.on('close', () => process.kill(process.pid, 'SIGKILL')); // an exit would wait for an isolate that spins
pipe.on('data', (chunk) => {
  for (const message of reader.push(chunk) as (RunFrame | GreetFrame)[]) {
    if (message.type === 'run') void obey(message);
    else send({ type: 'ready' });
  }
});
for (const frame of WARM_UP_RUNS) await obey(frame);
muted = false;
send({ type: 'ready' });
