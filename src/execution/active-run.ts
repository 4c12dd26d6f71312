// The run that a process is busy with, as the server sees it: what the child says of it is counted and bounded here.
import { Deadline, lateError } from './deadline.ts';
import { type DoneFrame, FrameError, type InputFrame, type OutputPiece, type RunError, type RunFrame } from './ipc.ts';
import { CPU_GRACE_MS, KILL_GRACE_MS, MAX_FRAMES_PER_RUN, OUTPUT_BATCH_MS, OUTPUT_FLOOD_FACTOR } from './limits.ts';
import { type Usage, type UsageWatch, watchUsage } from './process-usage.ts';
import type { ResultTable } from './tables.ts';

/** What is to be run; the process numbers its runs itself. */
export type Work = Omit<RunFrame, 'type' | 'run'>;

/** The end of a run as the server knows it. */
export interface Outcome {
  readonly error?: RunError;
  readonly value?: string;
  readonly tables?: readonly ResultTable[];
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly outputBytes: number;
  readonly truncated: boolean;
  /** Time spent waiting for input. */
  readonly inputMs: number;
}

/** Who hears of a run while it goes on. */
export interface WorkListener {
  output(pieces: readonly OutputPiece[]): void;
  /** The program waits for input, or no longer. */
  input(wanted: boolean): void;
}

/** What a run is made with besides its work. */
export interface ActiveRunPorts {
  readonly number: number;
  readonly pid: number;
  readonly listener: WorkListener;
  /** Ends the process. */
  readonly kill: (error: RunError) => void;
}

export class ActiveRun {
  readonly number: number;
  /** Settles with the end. */
  readonly outcome: Promise<Outcome>;

  readonly #work: Work;
  readonly #ports: ActiveRunPorts;
  readonly #watch: UsageWatch;
  readonly #deadline: Deadline;
  readonly #most: number;
  #resolve!: (outcome: Outcome) => void;
  #frames = 0;
  #outputBytes = 0;
  /** Frames of input sent. */
  #sent = 0;

  constructor(work: Work, ports: ActiveRunPorts) {
    const { wallMs, inputWaitMs, outputBytes } = work.limits;
    this.#work = work;
    this.#ports = ports;
    this.number = ports.number;
    this.#most = outputBytes;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watch = watchUsage(ports.pid, (usage) => this.#look(usage));
    this.#deadline = new Deadline({
      wallMs: wallMs + KILL_GRACE_MS,
      inputWaitMs: work.interactive ? inputWaitMs + KILL_GRACE_MS : 0,
      late: (limit) => ports.kill(lateError(limit, work)),
    });
  }

  /** Counts a frame of the child. @throws FrameError when there are too many */
  count(): void {
    const { interactive, limits } = this.#work;
    const waiting = interactive ? limits.inputWaitMs / OUTPUT_BATCH_MS : 0;
    if (++this.#frames > MAX_FRAMES_PER_RUN + waiting + 2 * this.#sent) throw new FrameError('too many frames');
  }

  /** @throws FrameError when it is much more than an honest child sends, which cuts at the limit */
  output(pieces: readonly OutputPiece[]): void {
    for (const [, text] of pieces) this.#outputBytes += Buffer.byteLength(text);
    if (this.#outputBytes > this.#most * 2) throw new FrameError('output above the limit');
    this.#ports.listener.output(pieces);
  }

  /**
   * The program waits, having had `seen` frames of input; when more are on their way it will not wait for long.
   * @throws FrameError when it cannot wait
   */
  wants(seen: number): void {
    if (!this.#work.interactive || seen > this.#sent) throw new FrameError('waits for what nobody sent');
    if (seen < this.#sent || this.#deadline.waiting) return;
    this.#deadline.wait(true);
    this.#ports.listener.input(true);
  }

  /** Takes note of input that is being sent, and gives its frame. */
  given(text: string, end: boolean): InputFrame {
    this.#sent++;
    if (this.#deadline.waiting) {
      this.#deadline.wait(false);
      this.#ports.listener.input(false);
    }
    return { type: 'input', run: this.number, text, end };
  }

  /** Whether the process has grown so much with this run that the system may have refused it memory. */
  get grown(): boolean {
    return this.#watch.stop().peakBytes > (this.#work.limits.heapMb / 2) * 1024 * 1024;
  }

  /** The end. `done` is what the child claims, cut to what is possible. */
  settle(done: DoneFrame | undefined, error: RunError | undefined): void {
    this.#deadline.clear();
    const used = this.#watch.stop();
    const { limits } = this.#work;
    const mostOutput = this.#most * (2 + OUTPUT_FLOOD_FACTOR);
    this.#resolve({
      ...(error === undefined ? {} : { error }),
      ...(done?.value === undefined ? {} : { value: done.value.slice(0, limits.resultChars) }),
      ...(done?.tables === undefined ? {} : { tables: done.tables }),
      cpuMs: Math.max(used.cpuMs, Math.min(done?.cpuMs ?? 0, limits.wallMs)),
      memoryBytes: Math.max(used.peakBytes, Math.min(done?.heapBytes ?? 0, limits.processRssBytes)),
      outputBytes: Math.max(this.#outputBytes, Math.min(done?.outputBytes ?? 0, mostOutput)),
      truncated: done?.truncated ?? this.#outputBytes > this.#most,
      inputMs: this.#deadline.waitedMs,
    });
  }

  #look(usage: Usage): void {
    const { processRssBytes, cpuMs } = this.#work.limits;
    if (usage.rssBytes > processRssBytes) this.#ports.kill({ kind: 'memory', message: 'memory limit reached' });
    else if (usage.cpuMs > cpuMs + CPU_GRACE_MS) {
      this.#ports.kill({ kind: 'timeout', message: `CPU limit of ${cpuMs} ms reached` });
    }
  }
}
