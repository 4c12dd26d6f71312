// One child process as the server sees it: starts, takes one run at a time, ends. Whatever goes wrong, SIGKILL works.
import type { ChildProcess } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';
import { ActiveRun, type Outcome, type Work, type WorkListener } from './active-run.ts';
import {
  type DoneFrame,
  encodeFrame,
  FrameError,
  FrameReader,
  type FromChild,
  parseFromChild,
  type RunError,
  type ToChild,
} from './ipc.ts';
import { clampMemory, type LaunchPlan, launch, lowerPriority } from './launch.ts';
import { MAX_FRAME_FROM_CHILD, MAX_FRAME_TO_CHILD } from './limits.ts';
import { type Usage, usageOf } from './process-usage.ts';

type State =
  | { readonly kind: 'starting' }
  /** It has said that it is ready, and is greeted to hear it again. */
  | { readonly kind: 'greeted' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'running'; readonly run: ActiveRun }
  /** The run has ended, the next isolate is being made. */
  | { readonly kind: 'resting'; readonly deadline: NodeJS.Timeout }
  | { readonly kind: 'dead'; readonly error: RunError };

/** How the process ended, for the pool: before it was ever ready, or later. */
export interface ProcessListener {
  /** A process that has no next isolate this long after a run is ended, in ms. */
  readonly restMs: number;
  /** Opens what the child needs besides its code, as fd 6, where it needs something. */
  readonly prepare?: (() => Promise<FileHandle>) | undefined;
  /** Somebody waits for it already. */
  readonly atOnce: boolean;
  ready(process: SandboxProcess): void;
  gone(process: SandboxProcess, reason: string): void;
}

const STDERR_CHARS = 2000; // enough for the reason of a start that failed

/** Wraps a child; `listener.ready` follows each time that it can take a run, `gone` exactly once. */
export class SandboxProcess {
  readonly mode = 'sandbox';
  readonly id: string;
  readonly plan: LaunchPlan;
  /** Resolves when the child is gone from the process table. */
  readonly exited: Promise<void>;
  /** The room that this process belongs to, from its first run on. */
  roomId: string | undefined;
  clamped = false;
  runs = 0;
  wasReady = false;

  readonly #listener: ProcessListener;
  #state: State = { kind: 'starting' };
  #child: ChildProcess | undefined;
  #pid: number | undefined;
  /** Resolves when `#pid` is that of the process which does the work. */
  #worker: Promise<void> = Promise.resolve();
  #stderr = '';

  constructor(id: string, plan: LaunchPlan, listener: ProcessListener) {
    this.id = id;
    this.plan = plan;
    this.#listener = listener;
    const exit = Promise.withResolvers<void>();
    this.exited = exit.promise;
    if (listener.prepare === undefined) this.#launch(undefined, exit.resolve);
    else void this.#prepare(listener.prepare, exit.resolve);
  }

  /** Whether there has been a child at all: what goes wrong before says nothing about the way it is started. */
  get launched(): boolean {
    return this.#child !== undefined;
  }

  async #prepare(prepare: () => Promise<FileHandle>, onExit: () => void): Promise<void> {
    try {
      const file = await prepare();
      if (this.#state.kind === 'starting') this.#launch(file.fd, onExit);
      else this.#gone('ended before it began', onExit);
      await file.close();
    } catch (error) {
      this.#gone(`cannot start: ${(error as Error).message}`, onExit);
    }
  }

  #launch(file: number | undefined, onExit: () => void): void {
    try {
      const { atOnce } = this.#listener;
      const { child, worker } = launch(this.plan, file === undefined ? { atOnce } : { atOnce, file });
      this.#child = child;
      this.#pid = child.pid;
      this.#worker = worker.then((pid) => {
        this.#pid = pid ?? child.pid;
      });
      this.#listen(child, onExit);
    } catch (error) {
      setImmediate(() => this.#gone(`cannot start: ${(error as Error).message}`, onExit));
    }
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get isReady(): boolean {
    return this.#state.kind === 'ready';
  }

  /** What the process uses now. */
  usage(): Usage | undefined {
    return this.pid === undefined ? undefined : usageOf(this.pid);
  }

  /**
   * Runs one thing. Only in a process that is ready. Never rejects; the outcome says what happened, and
   * whether the process lives on is seen by `ready` or `gone`.
   */
  run(work: Work, listener: WorkListener): Promise<Outcome> {
    if (this.#state.kind !== 'ready' || this.pid === undefined) throw new Error(`process is ${this.#state.kind}`);
    const number = ++this.runs;
    this.#send({ type: 'run', run: number, ...work });
    const run = new ActiveRun(work, { number, pid: this.pid, listener, kill: (error) => this.kill(error) });
    this.#state = { kind: 'running', run };
    return run.outcome;
  }

  /** More input for the run under way; after `end` there is none. Nothing happens when it has just ended. */
  input(text: string, end: boolean): void {
    if (this.#state.kind === 'running') this.#send(this.#state.run.given(text, end));
  }

  /** Ends the process now; a run under way ends with `error`. */
  kill(error: RunError): void {
    if (this.#state.kind !== 'dead') this.#end(error);
    this.#killWorker();
  }

  /** The process inside bubblewrap ends first, and the one outside after it: so its exit is the end of both. */
  #killWorker(): void {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      if (this.#pid !== undefined && this.#pid !== child.pid) process.kill(this.#pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      child.kill('SIGKILL'); // the one inside has gone just now
    }
  }

  #listen(child: ChildProcess, onExit: () => void): void {
    if (child.pid !== undefined) lowerPriority(child.pid);
    const reader = new FrameReader(MAX_FRAME_FROM_CHILD);
    const pipe = this.#pipe();
    pipe?.on('error', () => {}); // the exit that follows says more
    pipe?.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) this.#take(parseFromChild(message));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.kill({ kind: 'sandbox', message: 'the sandbox broke its protocol' });
      }
    });
    const stderr = child.stderr as Readable | null;
    stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('latin1')).slice(0, STDERR_CHARS);
    });
    child.once('error', (error) => {
      if (child.pid === undefined) this.#gone(`cannot start: ${error.message}`, onExit);
    });
    child.once('exit', (code, signal) => this.#gone(signal ?? exitReason(code, this.plan), onExit));
  }

  #pipe(): Duplex | undefined {
    return (this.#child?.stdio[3] ?? undefined) as Duplex | undefined;
  }

  #send(message: ToChild): void {
    this.#pipe()?.write(encodeFrame(message, MAX_FRAME_TO_CHILD));
  }

  #take(message: FromChild): void {
    switch (message.type) {
      case 'ready':
        return this.#ready();
      case 'output':
        return this.#runOf(message.run).output(message.pieces);
      case 'input':
        return this.#runOf(message.run).wants(message.seen);
      case 'fatal':
        this.#runOf(message.run);
        return this.kill({ kind: 'memory', message: 'memory limit reached' });
      case 'done':
        return this.#done(this.#runOf(message.run), message);
    }
  }

  /** A frame about any run but the one under way is a lie, except that a killed process may still have some. */
  #runOf(number: number): ActiveRun {
    const run = this.#state.kind === 'running' ? this.#state.run : undefined;
    if (run === undefined || run.number !== number) throw new FrameError('frame of no run');
    run.count();
    return run;
  }

  #ready(): void {
    switch (this.#state.kind) {
      case 'starting':
        this.#state = { kind: 'greeted' };
        return void this.#clamp();
      case 'greeted':
      case 'resting':
        if (this.#state.kind === 'resting') clearTimeout(this.#state.deadline);
        this.wasReady = true;
        this.#state = { kind: 'ready' };
        return this.#listener.ready(this);
      case 'dead':
        return;
      default:
        throw new FrameError('ready at the wrong time');
    }
  }

  async #clamp(): Promise<void> {
    await this.#worker;
    this.clamped = await clampMemory(this.pid!, this.plan);
    if (this.#state.kind === 'greeted') this.#send({ type: 'greet' });
  }

  #done(run: ActiveRun, done: DoneFrame): void {
    const late = (): void => this.kill({ kind: 'sandbox', message: 'not ready again' });
    this.#state = { kind: 'resting', deadline: setTimeout(late, this.#listener.restMs) };
    run.settle(done, done.error);
    if (!done.reusable) this.kill({ kind: 'sandbox', message: 'ended after its run' });
  }

  #end(error: RunError): void {
    const before = this.#state;
    this.#state = { kind: 'dead', error };
    if (before.kind === 'running') before.run.settle(undefined, error);
    if (before.kind === 'resting') clearTimeout(before.deadline);
  }

  #gone(reason: string, onExit: () => void): void {
    const words = this.#stderr.trim();
    if (this.#state.kind !== 'dead') this.#end(this.#crash(reason));
    this.#pipe()?.destroy();
    onExit();
    this.#listener.gone(this, words === '' || this.wasReady ? reason : `${reason}: ${words}`);
  }

  /** V8 aborts when the system refuses it memory: a crash with a grown heap is that. */
  #crash(reason: string): RunError {
    const aborted = /^SIG(ABRT|TRAP|SEGV|ILL|BUS)$/.test(reason);
    const grown = this.#state.kind === 'running' && this.#state.run.grown;
    if (aborted && grown) return { kind: 'memory', message: 'memory limit reached' };
    return { kind: 'sandbox', message: `the sandbox process ended unexpectedly (${reason})` };
  }
}

/** bubblewrap ends with 128 and the number of the signal that ended the process inside. */
function exitReason(code: number | null, { filter }: LaunchPlan): string {
  const number = (code ?? 0) - 128;
  const signal = Object.entries(constants.signals).find(([, other]) => other === number)?.[0];
  return (filter === undefined ? undefined : signal) ?? `exit code ${code}`;
}
