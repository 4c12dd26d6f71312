// An isolate with its global scope and its clock: what one run runs in. Says how long is left, and stops it from outside.
import ivm from 'isolated-vm';
import type { RunError, RunFrame } from './ipc.ts';
import { answerRandom, answerUrl } from './isolate-host.ts';
import type { OutputBatch } from './output-batch.ts';
import { RUNTIME_MODULES } from './runtime-source.ts';

type RuntimeCall = 'install' | 'fire' | 'show';
/** A function of runtime/main.ts, called from here. */
type IsolateFunction = ivm.Reference<(...args: never[]) => unknown>;

/** An isolate with its global scope, waiting for or busy with one run. */
export class Session {
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

  private constructor(heapMb: number, onFatal: () => void) {
    this.heapMb = heapMb;
    this.isolate = new ivm.Isolate({ memoryLimit: heapMb, onCatastrophicError: onFatal });
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** @param onFatal called when V8 has lost control of the isolate */
  static async open(heapMb: number, onFatal: () => void): Promise<Session> {
    const session = new Session(heapMb, onFatal);
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
