// A run of tests: the program once for every case, one after the other, each through the engine's queue like any run.
import { randomUUID } from 'node:crypto';
import type { Execution as Engine, RunEvent, RunRequest, RunResult } from '../../execution/execution.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Drive, DriveEvent } from './drive.ts';
import type { CaseToRun } from './program.ts';
import { storable } from './storable.ts';
import { judge } from './verdict.ts';

/** Bytes that one case prints at most: thirty of them make one record. */
const CASE_OUTPUT_BYTES = 64 * 1024;
/** UTF-16 units of a case's output that its verdict shows; more than an expected output may have. */
const SHOWN_OUTPUT_LENGTH = 20_000;

export interface TestDrivePorts {
  readonly engine: Engine;
  /** What all cases have in common. */
  readonly request: Omit<RunRequest, 'stdin' | 'args' | 'interactive'>;
  readonly cases: readonly CaseToRun[];
}

export class TestDrive implements Drive {
  readonly #ports: TestDrivePorts;
  #hear: (event: DriveEvent) => void = () => undefined;
  /** The engine's id of the case under way. */
  #current = '';
  #cancelled: string | undefined;
  #printed = '';
  #passed = 0;
  #total: RunResult = {
    status: 'completed',
    wallMs: 0,
    inputMs: 0,
    cpuMs: 0,
    memoryBytes: 0,
    queueMs: 0,
    outputBytes: 0,
    outputTruncated: false,
  };

  constructor(ports: TestDrivePorts) {
    this.#ports = ports;
  }

  start(hear: (event: DriveEvent) => void): void {
    this.#hear = hear;
    this.#begin(0);
  }

  cancel(reason: string): boolean {
    this.#cancelled = reason;
    return this.#ports.engine.cancel(this.#current, reason);
  }

  input(): boolean {
    throw new AppError('conflict', 'A run of tests takes its input from its cases.');
  }

  #begin(index: number): void {
    const { engine, request, cases } = this.#ports;
    const { stdin, args } = cases[index] as CaseToRun;
    this.#current = randomUUID();
    this.#printed = '';
    engine.start(
      { ...request, id: this.#current, stdin, args, limits: { ...request.limits, outputBytes: CASE_OUTPUT_BYTES } },
      (event) => this.#heard(index, event),
    );
  }

  #heard(index: number, event: RunEvent): void {
    const { cases } = this.#ports;
    switch (event.type) {
      case 'queued':
        if (index === 0) this.#hear(event);
        return;
      case 'started':
        if (index === 0) this.#hear(event);
        return this.#say(`${index > 0 ? '\n' : ''}Test ${index + 1} of ${cases.length}: ${cases[index]?.name}\n`);
      case 'output':
        if (event.stream === 'stdout') this.#printed += event.text;
        return this.#hear(event);
      case 'input':
        return;
      case 'finished':
        return this.#ended(index, event.result);
    }
  }

  #say(text: string): void {
    this.#hear({ type: 'output', seq: 0, stream: 'system', text });
  }

  #ended(index: number, result: RunResult): void {
    const { cases } = this.#ports;
    this.#add(result);
    const stopped = result.status === 'cancelled' || this.#cancelled !== undefined;
    // A case that never began has no verdict.
    if (!stopped || result.wallMs > 0) this.#tell(cases[index] as CaseToRun, result);
    if (stopped) return this.#finish({ kind: 'cancelled', message: this.#cancelled ?? 'cancelled' });
    if (index + 1 === cases.length) return this.#conclude();
    try {
      this.#begin(index + 1);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#finish({ kind: 'test', message: `The next case could not be started: ${error.message}` });
    }
  }

  #tell(each: CaseToRun, result: RunResult): void {
    const verdict = judge({ expected: each.expectedOutput, printed: this.#printed, result });
    if (verdict === 'passed') this.#passed++;
    this.#hear({
      type: 'tested',
      verdict: {
        ...each,
        verdict,
        output: storable(this.#printed.slice(0, SHOWN_OUTPUT_LENGTH)),
        outputCut: result.outputTruncated || this.#printed.length > SHOWN_OUTPUT_LENGTH,
        error: result.error ?? null,
        wallMs: result.wallMs,
      },
    });
  }

  #conclude(): void {
    const { length } = this.#ports.cases;
    const failed = length - this.#passed;
    if (failed === 0) this.#hear({ type: 'finished', result: this.#total });
    else this.#finish({ kind: 'test', message: `${failed} of ${length} ${length === 1 ? 'test' : 'tests'} failed.` });
  }

  #finish(error: { readonly kind: 'test' | 'cancelled'; readonly message: string }): void {
    const status = error.kind === 'cancelled' ? 'cancelled' : 'failed';
    this.#hear({ type: 'finished', result: { ...this.#total, status, error } });
  }

  #add(result: RunResult): void {
    const total = this.#total;
    this.#total = {
      ...total,
      wallMs: total.wallMs + result.wallMs,
      cpuMs: total.cpuMs + result.cpuMs,
      memoryBytes: Math.max(total.memoryBytes, result.memoryBytes),
      queueMs: total.queueMs + result.queueMs,
      outputBytes: total.outputBytes + result.outputBytes,
      outputTruncated: total.outputTruncated || result.outputTruncated,
    };
  }
}
