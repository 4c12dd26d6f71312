// One run by an interpreter of this machine, in a box of its own: started, watched, ended.
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { StringDecoder } from 'node:string_decoder';
import type { Log } from '../../observe/log.ts';
import type { Outcome, Work, WorkListener } from '../active-run.ts';
import type { RunError } from '../ipc.ts';
import { lowerPriority } from '../launch.ts';
import type { OutputBatch } from '../output-batch.ts';
import { ProgramWatch } from '../program-watch.ts';
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
const NOT_STARTED = 'the program could not be started';

export class LocalRun {
  readonly id: string;
  readonly mode = 'local';
  readonly #ports: LocalPorts;
  readonly #watch: ProgramWatch;
  #child: ChildProcess | undefined;

  constructor(ports: LocalPorts) {
    this.id = ports.id;
    this.#ports = ports;
    const { id, log } = ports;
    // With the box all that is in it ends.
    const stop = (): void => void this.#child?.kill('SIGKILL');
    this.#watch = new ProgramWatch({ id, log, extraMs: 0, stop, broken: NOT_STARTED });
  }

  get used(): { readonly cpuMs: number; readonly memoryBytes: number } {
    return this.#watch.used;
  }

  /** Never rejects. */
  run(work: Work, listener: WorkListener): Promise<Outcome> {
    return this.#watch.attend(work, listener, (output) => this.#play(work, output));
  }

  input(text: string, end: boolean): void {
    this.#watch.input(text, end);
  }

  /** Ends the run. */
  kill(error: RunError): void {
    this.#watch.kill(error);
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
    if (this.#watch.isKilled) child.kill('SIGKILL');
    if (child.stdin) this.#watch.feed(child.stdin, work);
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
      return { kind: 'sandbox', message: NOT_STARTED };
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
    this.#watch.saw({ cpuMs, memoryBytes: rssBytes });
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
