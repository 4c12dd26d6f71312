// An isolate with its global scope and its clock: what one run runs in. Says how long is left, and stops it from outside.
import ivm from 'isolated-vm';
import { Deadline, lateError } from './deadline.ts';
import { InputFeed } from './input-feed.ts';
import type { InputFrame, RunError, RunFrame } from './ipc.ts';
import { answerRandom, answerUrl } from './isolate-host.ts';
import type { OutputBatch } from './output-batch.ts';
import type { Runtime } from './runtime-source.ts';

/** A function of the runtime, called from here. */
type IsolateFunction = ivm.Reference<(...args: never[]) => unknown>;

/** The timeout of calls that prepare an isolate: these only hang when the machine does. */
const PREPARE_MS = 60_000;

/** What an isolate is made with. */
export interface SessionOptions {
  readonly heapMb: number;
  /** Its entry has a function `install`, which is called with those of the host. */
  readonly runtime: Runtime;
  /** Called when V8 has lost control of the isolate. */
  readonly onFatal: () => void;
}

/** An isolate with its global scope, waiting for or busy with one run. */
export class Session {
  readonly isolate: ivm.Isolate;
  readonly heapMb: number;
  readonly input = new InputFeed();
  context!: ivm.Context;
  /** Resolves when the run must end before its program does. */
  readonly stopped: Promise<RunError>;

  readonly #functions = new Map<string, IsolateFunction>();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** Calls from outside that are due: they run, or wait for the isolate. */
  #firing = 0;
  #deadline: Deadline | undefined;
  #output: OutputBatch | undefined;
  #frame: RunFrame | undefined;
  #stop!: (error: RunError) => void;
  #thrown: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  private constructor({ heapMb, onFatal }: SessionOptions) {
    this.heapMb = heapMb;
    this.isolate = new ivm.Isolate({ memoryLimit: heapMb, onCatastrophicError: onFatal });
    this.stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  static async open(options: SessionOptions): Promise<Session> {
    const session = new Session(options);
    session.context = await session.isolate.createContext();
    await session.#loadRuntime(options.runtime);
    const pieces = new ivm.ExternalCopy(session.input.pieces).copyInto();
    await session.call('install', [...session.#hostFunctions(), pieces]);
    return session;
  }

  /** Ties the isolate to its run. */
  begin(frame: RunFrame, output: OutputBatch, onWanted: (seen: number) => void): void {
    this.#frame = frame;
    this.#output = output;
    const { wallMs, inputWaitMs } = frame.limits;
    this.#deadline = new Deadline({
      wallMs,
      inputWaitMs: frame.interactive ? inputWaitMs : 0,
      late: (limit) => this.stop(lateError(limit, frame)),
    });
    this.input.begin(frame.stdin, !frame.interactive, {
      wanted: (seen) => {
        this.#deadline?.wait(true);
        onWanted(seen);
      },
      feed: () => void this.#enter('feed', []),
    });
  }

  /** More input has come. */
  take({ text, end }: InputFrame): void {
    this.#deadline?.wait(false);
    this.input.add(text, end);
  }

  /** Milliseconds that are left with all waiting for input, at least 1. The timeout of a call into the isolate. */
  get left(): number {
    return Math.max(1, Math.ceil(this.#deadline?.left ?? PREPARE_MS));
  }

  /** Calls one of the functions that the runtime was read with; what it gives is copied, a promise is awaited. */
  call(name: string, args: unknown[], { promise = false } = {}): Promise<unknown> {
    const options = { timeout: this.left, result: { copy: true, promise } } as const;
    return this.#functions.get(name)!.apply(undefined, args as never[], options) as Promise<unknown>;
  }

  /** Ends the run from outside its program. Safe to call from one of the isolate's own calls. */
  stop(error: RunError): void {
    this.#stop(error);
    setImmediate(() => this.close());
  }

  /** Resolves when no timer is pending and nobody waits for input; rejects with what the callback of one threw. */
  async idle(): Promise<void> {
    while (this.#thrown === undefined && this.#busy) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }

  get #busy(): boolean {
    return this.#firing + this.#timers.size > 0 || this.input.awaited;
  }

  close(): void {
    this.#deadline?.clear();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    if (!this.isolate.isDisposed) this.isolate.dispose();
  }

  async #loadRuntime(runtime: Runtime): Promise<void> {
    const modules = new Map<string, ivm.Module>();
    for (const [name, code] of runtime.modules) {
      modules.set(name, this.isolate.compileModuleSync(code, { filename: `coderoom:${name}` }));
    }
    const main = modules.values().next().value!;
    main.instantiateSync(this.context, (specifier) => modules.get(specifier.slice('./'.length))!);
    await main.evaluate();
    for (const name of runtime.calls) {
      this.#functions.set(name, (await main.namespace.get(name, { reference: true })) as IsolateFunction);
    }
  }

  /** In the order of `install` in runtime/main.ts and its like. They check their arguments: the program can reach them. */
  #hostFunctions(): ivm.Callback[] {
    const write = (stream: unknown, text: unknown): void => {
      if (typeof text === 'string') this.#output?.write(stream === 2 ? 'stderr' : 'stdout', text);
    };
    const start = (id: unknown, ms: unknown, pending: unknown): boolean => this.#startTimer(id, ms, pending);
    const stop = (id: unknown): void => {
      clearTimeout(this.#timers.get(id as number));
      this.#timers.delete(id as number);
    };
    const read = (): string | boolean => this.input.read();
    const want = (how: unknown): void => this.input.want(how);
    return [write, start, stop, read, want, answerUrl, answerRandom].map((answer) => new ivm.Callback(answer));
  }

  /** `pending` is what the isolate counts itself: callbacks that wait for it are no timers out here any more. */
  #startTimer(id: unknown, ms: unknown, pending: unknown): boolean {
    if (typeof id !== 'number' || typeof ms !== 'number') return false;
    const most = this.#frame?.limits.timers ?? 0;
    if (Number(pending) >= most || this.#timers.size >= most) return false;
    if (this.#timers.has(id) || this.isolate.isDisposed) return false;
    const fire = (): void => {
      this.#timers.delete(id);
      void this.#enter('fire', [id]);
    };
    this.#timers.set(id, setTimeout(fire, ms));
    return true;
  }

  /** Calls into the program from outside; what it throws there ends the run. */
  async #enter(name: string, args: unknown[]): Promise<void> {
    this.#firing++;
    try {
      await this.call(name, args);
    } catch (error) {
      this.#thrown ??= { error };
    } finally {
      this.#firing--;
      this.#wake();
    }
  }
}
