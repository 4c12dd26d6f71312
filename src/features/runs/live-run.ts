// One run under way: what the engine tells of it goes to the room and into its row. The rows of one run are written one
// after the other, and the room hears of the end after it is stored, or when storing it has failed a first time.
import type { Publisher } from '../../kernel/context.ts';
import type { Execution, OutputPiece, RunError, RunOutcome, Verdict } from '../../protocol/runs.ts';
import type { Drive, DriveEvent, DriveResult } from './drive.ts';
import { OutputRecord } from './output-record.ts';
import type { RunRecord, RunStart } from './run-record.ts';
import { storable, storableTables } from './storable.ts';

/**
 * The row of a run says that it runs after so long, in ms: most have ended by then, and their end says it too. Until then
 * the database has nothing more to do with it while its first output is on the way.
 */
const NOTED_AFTER_MS = 50;

export interface LiveRunPorts {
  readonly roomId: string;
  /** To those only who may read what the run is made of. */
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly record: RunRecord;
  /** Called when there is nothing more to hear or to write. */
  readonly onEnd: (id: string) => void;
}

export class LiveRun {
  readonly #ports: LiveRunPorts;
  readonly #drive: Drive;
  readonly #output = new OutputRecord();
  readonly #verdicts: Verdict[] = [];
  /** From `accept` on; nobody asks before. */
  #view!: Execution;
  #start: RunStart | undefined;
  #outcome: RunOutcome | null = null;
  #noting: NodeJS.Timeout | undefined;
  /** What happened before the run was committed: nobody may hear of it earlier. */
  #held: (() => void)[] | undefined = [];
  #stored: Promise<void> = Promise.resolve();

  constructor(ports: LiveRunPorts, drive: Drive) {
    this.#ports = ports;
    this.#drive = drive;
  }

  get roomId(): string {
    return this.#ports.roomId;
  }

  /** The run as it is now. */
  get view(): Execution {
    return { ...this.#view, outputPieces: this.#output.pieces.length };
  }

  get pieces(): readonly OutputPiece[] {
    return this.#output.pieces;
  }

  /** Of the test cases that have one. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  /** Null while it is under way. */
  get outcome(): RunOutcome | null {
    return this.#outcome;
  }

  /** Resolves when everything heard so far is stored, or given up. */
  get stored(): Promise<void> {
    return this.#stored;
  }

  /** What comes of it is held back until `accept`. @throws AppError what the engine refuses it with */
  start(): void {
    this.#drive.start((event) => this.#hear(event));
  }

  /** It is committed: what was held back goes out. */
  accept(view: Execution): void {
    this.#view = view;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const act of held) act();
  }

  /** @returns whether there was something to end */
  cancel(reason: string): boolean {
    return this.#drive.cancel(reason);
  }

  /** Gives the program input, and shows everybody what it was given. @returns false when it is over */
  input(text: string, end: boolean): boolean {
    if (!this.#drive.input(text, end)) return false;
    if (text !== '') this.#printed('stdin', text);
    return true;
  }

  #hear(event: DriveEvent): void {
    if (this.#held) {
      this.#held.push(() => this.#hear(event));
      return;
    }
    switch (event.type) {
      case 'queued':
        return this.#queued(event.position);
      case 'started':
        return this.#started(event);
      case 'output':
        return this.#printed(event.stream, event.text);
      case 'input':
        return this.#waits(event.wanted);
      case 'tested':
        return this.#tested(event.verdict);
      case 'finished':
        return this.#finished(event.result);
    }
  }

  #queued(position: number): void {
    this.#view = { ...this.#view, position };
    const { roomId } = this;
    this.#ports.publisher.publish('run.queued', roomId, { roomId, execution: this.view });
  }

  #started({ queueMs, sandboxId, mode }: Omit<RunStart, 'at'>): void {
    const { roomId } = this;
    const { publisher, record } = this.#ports;
    const start = { at: new Date(), queueMs, sandboxId, mode };
    this.#start = start;
    this.#view = { ...this.#view, status: 'running', position: null, queueMs, startedAt: start.at.toISOString() };
    this.#noting = setTimeout(() => {
      this.#stored = this.#stored.then(() => record.start(this.#view, start));
    }, NOTED_AFTER_MS);
    publisher.publish('run.started', roomId, { roomId, execution: this.view });
  }

  #printed(stream: OutputPiece['stream'], text: string): void {
    const { roomId } = this;
    const piece = this.#output.add(stream, text);
    this.#ports.publisher.publish('run.output', roomId, { roomId, executionId: this.#view.id, ...piece });
  }

  #waits(waitsForInput: boolean): void {
    const { roomId } = this;
    this.#view = { ...this.#view, waitsForInput };
    this.#ports.publisher.publish('run.waiting', roomId, { roomId, executionId: this.#view.id, waitsForInput });
  }

  #tested(verdict: Verdict): void {
    const { roomId } = this;
    const { passed = 0, total = 0 } = this.#view.tests ?? {};
    this.#verdicts.push(verdict);
    const tests = { passed: passed + Number(verdict.verdict === 'passed'), done: this.#verdicts.length, total };
    this.#view = { ...this.#view, tests };
    this.#ports.publisher.publish('run.tested', roomId, { roomId, executionId: this.#view.id, tests, verdict });
  }

  #finished(result: DriveResult): void {
    clearTimeout(this.#noting);
    const { status, wallMs, inputMs, cpuMs, memoryBytes, queueMs, outputTruncated } = result;
    this.#view = {
      ...this.#view,
      status,
      waitsForInput: false,
      wallMs,
      inputMs,
      cpuMs,
      memoryBytes,
      queueMs,
      outputTruncated,
      position: null,
      error: result.error ? storableError(result.error) : null,
      saved: false,
      completedAt: new Date().toISOString(),
    };
    const outcome = {
      result: result.value === undefined ? null : storable(result.value),
      tables: storableTables(result.tables ?? []),
    };
    this.#outcome = outcome;
    this.#stored = this.#stored.then(() => this.#end(result, outcome));
  }

  async #end(result: DriveResult, outcome: RunOutcome): Promise<void> {
    const { publisher, record, onEnd } = this.#ports;
    const { roomId } = this;
    const { id } = this.#view;
    const [output, start, verdicts] = [this.#output.stored(), this.#start, this.#verdicts];
    const { first, done } = record.end({ execution: this.#view, result, outcome, output, start, verdicts });
    const saved = await first;
    this.#view = { ...this.#view, saved };
    publisher.publish('run.finished', roomId, { roomId, execution: this.view, outcome });
    const written = await done;
    onEnd(id);
    if (written && !saved) publisher.publish('run.saved', roomId, { roomId, executionId: id });
  }
}

function storableError(error: RunError): RunError {
  const { message, file, stack } = error;
  return {
    ...error,
    message: storable(message),
    ...(file === undefined ? {} : { file: storable(file) }),
    ...(stack === undefined ? {} : { stack: storable(stack) }),
  };
}
