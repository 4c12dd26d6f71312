// One run by an interpreter of this machine, in a box of its own: started, watched, ended.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { Log } from '../../observe/log.ts';
import type { Outcome, Work, WorkListener } from '../active-run.ts';
import { Deadline } from '../deadline.ts';
import type { RunError } from '../ipc.ts';
import { lowerPriority } from '../launch.ts';
import { OutputBatch } from '../output-batch.ts';
import { NOTHING } from '../run.ts';
import type { LocalLanguage } from './languages.ts';
import { type BoxTools, boxUser, LOCAL_LIMITS, startBoxed } from './local-box.ts';
import { tasksOf, treeUsage } from './process-tree.ts';

export interface LocalPorts {
  readonly id: string;
  readonly log: Log;
  readonly language: LocalLanguage;
  readonly tools: BoxTools;
}

/** How often the processes of a box are looked at, in ms: each look reads a few files of /proc for each of them. */
const LOOK_MS = 50;

export class LocalRun {
  readonly id: string;
  readonly mode = 'local';
  readonly #ports: LocalPorts;
  #child: ChildProcess | undefined;
  #killed: RunError | undefined;
  #early: { readonly text: string; readonly end: boolean }[] = [];
  #used = { cpuMs: 0, memoryBytes: 0 };

  constructor(ports: LocalPorts) {
    this.id = ports.id;
    this.#ports = ports;
  }

  get used(): { readonly cpuMs: number; readonly memoryBytes: number } {
    return this.#used;
  }

  /** Never rejects. */
  async run(work: Work, listener: WorkListener): Promise<Outcome> {
    const output = new OutputBatch(work.limits.outputBytes, {
      send: (pieces) => listener.output(pieces),
      flooded: () => this.kill({ kind: 'output', message: 'output limit reached' }),
    });
    const deadline = this.#deadline(work);
    let error: RunError | undefined;
    try {
      error = await this.#play(work, output);
    } catch (thrown) {
      this.#ports.log.error({ run: this.id, err: thrown }, 'a local run failed');
      error = { kind: 'sandbox', message: 'the program could not be started' };
    } finally {
      deadline.clear();
      output.close();
    }
    const end = this.#killed ?? error;
    const sizes = { outputBytes: output.bytes, truncated: output.truncated };
    return { ...NOTHING, ...this.#used, ...sizes, ...(end === undefined ? {} : { error: end }) };
  }

  input(text: string, end: boolean): void {
    const stdin = this.#child?.stdin;
    if (!stdin) this.#early.push({ text, end });
    else if (end) stdin.end(text);
    else stdin.write(text);
  }

  /** Ends the run: with the box all that is in it ends. */
  kill(error: RunError): void {
    this.#killed ??= error;
    this.#child?.kill('SIGKILL');
  }

  /** Nobody sees whether a program waits for input: in an interactive run all of its time may be that. */
  #deadline({ limits, interactive }: Work): Deadline {
    const wallMs = limits.wallMs + (interactive ? limits.inputWaitMs : 0);
    const message = `time limit of ${wallMs} ms reached`;
    return new Deadline({ wallMs, inputWaitMs: 0, late: () => this.kill({ kind: 'timeout', message }) });
  }

  /** @returns the error that the program ended with, if it did */
  async #play(work: Work, output: OutputBatch): Promise<RunError | undefined> {
    const { language, tools } = this.#ports;
    const files = work.files.map(([path, text]) => [nameIn(path), text] as const);
    const command = [language.program, ...language.args, nameIn(work.entry), ...work.args];
    const { cpuMs } = work.limits;
    const others = tasksOf(boxUser());
    const { child, inside } = startBoxed({ command, files, env: work.env, cpuMs, others }, tools);
    this.#child = child;
    if (child.pid !== undefined) lowerPriority(child.pid);
    if (this.#killed !== undefined) this.kill(this.#killed);
    this.input(work.stdin, !work.interactive);
    for (const { text, end } of this.#early.splice(0)) this.input(text, end);
    for (const stream of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      child[stream]?.on('data', (chunk: Buffer) => output.write(stream, decoder.write(chunk)));
    }
    const closed = new Promise<number>((resolve) => {
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    const pid = await inside;
    if (pid === undefined) {
      await closed;
      return { kind: 'sandbox', message: 'the program could not be started' };
    }
    const looking = setInterval(() => this.#look(pid, work), LOOK_MS);
    try {
      return verdictOf(await closed, work);
    } finally {
      clearInterval(looking);
    }
  }

  #look(pid: number, { limits }: Work): void {
    const usage = treeUsage(pid);
    if (usage === undefined) return;
    const { processes, rssBytes, cpuMs } = usage;
    this.#used = {
      cpuMs: Math.max(this.#used.cpuMs, cpuMs),
      memoryBytes: Math.max(this.#used.memoryBytes, rssBytes),
    };
    if (rssBytes > limits.processRssBytes) this.kill({ kind: 'memory', message: 'memory limit reached' });
    else if (cpuMs > limits.cpuMs) {
      this.kill({ kind: 'timeout', message: `CPU limit of ${limits.cpuMs} ms reached` });
    } else if (processes > LOCAL_LIMITS.processes) {
      this.kill({ kind: 'exception', message: `more than ${LOCAL_LIMITS.processes} processes` });
    }
  }
}

/** The system ends what passes its CPU limit before anybody looks. */
function verdictOf(code: number, { limits }: Work): RunError | undefined {
  if (code === 0) return undefined;
  if (code === 128 + constants.signals.SIGXCPU) {
    return { kind: 'timeout', message: `CPU limit of ${limits.cpuMs} ms reached` };
  }
  return { kind: 'exception', message: `the program ended with code ${code}` };
}

/** A path below the program's folder. */
function nameIn(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/');
}
