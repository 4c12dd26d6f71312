// What every run outside of the isolates does around its program, whatever it runs in: its output and its time are held to
// the limits, its input waits until it can be taken, the first reason to end it is the one that is told.
import type { Writable } from 'node:stream';
import type { Log } from '../observe/log.ts';
import type { Outcome, Work, WorkListener } from './active-run.ts';
import { Deadline } from './deadline.ts';
import type { RunError } from './ipc.ts';
import { OutputBatch } from './output-batch.ts';
import { NOTHING } from './run.ts';

export interface WatchPorts {
  readonly id: string;
  readonly log: Log;
  /** Ms beside the limit of the run. */
  readonly extraMs: number;
  /** Ends the program; called where there may be none yet. */
  readonly stop: () => void;
  /** What is told of a run whose program could not be had. */
  readonly broken: string;
}

export class ProgramWatch {
  readonly #ports: WatchPorts;
  #stdin: Writable | undefined;
  #early: { readonly text: string; readonly end: boolean }[] = [];
  #killed: RunError | undefined;
  #used = { cpuMs: 0, memoryBytes: 0 };

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** The most that was seen. */
  get used(): { readonly cpuMs: number; readonly memoryBytes: number } {
    return this.#used;
  }

  get isKilled(): boolean {
    return this.#killed !== undefined;
  }

  /**
   * Watches over a program.
   * @param play starts it and waits for its end. @returns the error that it ended with, if it did
   * @returns never rejects
   */
  async attend(
    work: Work,
    listener: WorkListener,
    play: (output: OutputBatch) => Promise<RunError | undefined>,
  ): Promise<Outcome> {
    const output = new OutputBatch(work.limits.outputBytes, {
      send: (pieces) => listener.output(pieces),
      flooded: () => this.kill({ kind: 'output', message: 'output limit reached' }),
    });
    const deadline = this.#deadline(work);
    let error: RunError | undefined;
    try {
      error = await play(output);
    } catch (thrown) {
      this.#ports.log.error({ run: this.#ports.id, err: thrown }, this.#ports.broken);
      error = { kind: 'sandbox', message: this.#ports.broken };
    } finally {
      deadline.clear();
      output.close();
    }
    const end = this.#killed ?? error;
    const sizes = { outputBytes: output.bytes, truncated: output.truncated };
    return { ...NOTHING, ...this.#used, ...sizes, ...(end === undefined ? {} : { error: end }) };
  }

  /** The program takes input now: what the run was given, and what came before this. */
  feed(stdin: Writable, work: Work): void {
    this.#stdin = stdin;
    this.input(work.stdin, !work.interactive);
    for (const { text, end } of this.#early.splice(0)) this.input(text, end);
  }

  input(text: string, end: boolean): void {
    if (this.#stdin === undefined) this.#early.push({ text, end });
    else if (end) this.#stdin.end(text);
    else this.#stdin.write(text);
  }

  /** Ends the run. */
  kill(error: RunError): void {
    this.#killed ??= error;
    this.#ports.stop();
  }

  /** Notes what the program uses. @param cpuMs since it started @param memoryBytes now */
  saw({ cpuMs, memoryBytes }: { readonly cpuMs: number; readonly memoryBytes: number }): void {
    this.#used = {
      cpuMs: Math.max(this.#used.cpuMs, cpuMs),
      memoryBytes: Math.max(this.#used.memoryBytes, memoryBytes),
    };
  }

  /** From outside nobody sees whether a program waits for input: in an interactive run all of its time may be that. */
  #deadline({ limits, interactive }: Work): Deadline {
    const wallMs = limits.wallMs + this.#ports.extraMs + (interactive ? limits.inputWaitMs : 0);
    const message = `time limit of ${wallMs} ms reached`;
    return new Deadline({ wallMs, inputWaitMs: 0, late: () => this.kill({ kind: 'timeout', message }) });
  }
}
