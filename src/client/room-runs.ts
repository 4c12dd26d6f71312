// The runs of a joined room: starts them, follows them by events, and asks the server for what was missed.
import type { Execution, RunInput, RunView, TestInput } from './api.ts';
import type { CallInput, CallName, CallOutput, ServerEvent } from './connection.ts';
import { asCoderoomError } from './errors.ts';
import { RunBook } from './run-book.ts';

/** Runs asked for after joining: as many as a panel shows. */
const RUNS_LISTED = 50;

export const RUN_EVENTS = [
  'run.queued',
  'run.started',
  'run.output',
  'run.waiting',
  'run.tested',
  'run.finished',
  'run.saved',
] as const;
export type RunEvent = Extract<ServerEvent, { name: (typeof RUN_EVENTS)[number] }>;

export interface RoomRunsPort {
  readonly roomId: string;
  request<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>>;
  /** Raised when what was asked for before counts no more: the room was lost, left or joined again. */
  epoch(): number;
  /** `id` is left out when many changed. */
  changed(id?: string): void;
}

export class RoomRuns {
  readonly #port: RoomRunsPort;
  readonly #book = new RunBook();

  constructor(port: RoomRunsPort) {
    this.#port = port;
  }

  get views(): ReadonlyMap<string, RunView> {
    return this.#book.views;
  }

  async start(input: RunInput): Promise<Execution> {
    const { args, ...rest } = input;
    const given = { roomId: this.#port.roomId, ...rest, ...(args && { args: [...args] }) };
    return this.#started(await this.#port.request('run.start', given));
  }

  async repeat(executionId: string, { args, stdin }: Pick<RunInput, 'stdin' | 'args'>): Promise<Execution> {
    const given = { executionId, ...(stdin !== undefined && { stdin }), ...(args && { args: [...args] }) };
    return this.#started(await this.#port.request('run.repeat', given));
  }

  async test(fileId: string, input: TestInput): Promise<Execution> {
    return this.#started(await this.#port.request('run.test', { fileId, ...input }));
  }

  async input(executionId: string, text: string, end: boolean): Promise<boolean> {
    return (await this.#port.request('run.input', { executionId, text, end })).accepted;
  }

  async cancel(executionId: string): Promise<boolean> {
    return (await this.#port.request('run.cancel', { executionId })).cancelled;
  }

  async load(executionId: string): Promise<RunView> {
    if (this.#book.lacks(executionId)) {
      this.#book.takeDetail(await this.#port.request('run.get', { executionId }));
      this.#port.changed(executionId);
    }
    return this.#book.views.get(executionId) as RunView;
  }

  /** @param joined false while there is nobody to ask: then it is asked for after the next join */
  finished(executionId: string, joined: boolean): Promise<RunView> {
    const finished = this.#book.finished(executionId);
    if (joined) this.#complete(executionId);
    return finished;
  }

  interrupt(): void {
    this.#book.interrupt();
  }

  giveUp(error: Parameters<RunBook['giveUp']>[0]): void {
    this.#book.giveUp(error);
  }

  receive(event: RunEvent): void {
    const book = this.#book;
    switch (event.name) {
      case 'run.queued':
      case 'run.started':
        book.take(event.payload.execution);
        return this.#port.changed(event.payload.execution.id);
      case 'run.output':
        book.output(event.payload.executionId, event.payload);
        return this.#port.changed(event.payload.executionId);
      case 'run.waiting':
        book.waiting(event.payload.executionId, event.payload.waitsForInput);
        return this.#port.changed(event.payload.executionId);
      case 'run.tested':
        book.tested(event.payload.executionId, event.payload.verdict, event.payload.tests);
        return this.#port.changed(event.payload.executionId);
      case 'run.finished':
        book.take(event.payload.execution, event.payload.outcome);
        // Where output was missed, the stored one is whole.
        this.#complete(event.payload.execution.id);
        return this.#port.changed(event.payload.execution.id);
      case 'run.saved':
        book.saved(event.payload.executionId);
        return this.#port.changed(event.payload.executionId);
    }
  }

  /** After joining: the latest runs, and all of those that are under way or that somebody waits for. */
  async fetch(): Promise<void> {
    const { roomId } = this.#port;
    const now = this.#port.epoch();
    try {
      const { executions } = await this.#port.request('run.list', { roomId, limit: RUNS_LISTED });
      if (now !== this.#port.epoch()) return;
      this.#book.takeAll(executions);
      this.#port.changed();
    } catch {
      // Nothing depends on the list but what is shown of earlier runs; those that are waited for are asked for below.
    }
    if (now !== this.#port.epoch()) return;
    for (const id of new Set([...this.#book.awaited(), ...this.#book.underWay()])) void this.#fetchOne(id);
  }

  #started({ execution }: { execution: Execution }): Execution {
    this.#book.take(execution);
    this.#port.changed(execution.id);
    return execution;
  }

  #complete(executionId: string): void {
    if (this.#book.lacks(executionId)) void this.#fetchOne(executionId);
  }

  /** Never rejects. */
  async #fetchOne(executionId: string): Promise<void> {
    try {
      this.#book.takeDetail(await this.#port.request('run.get', { executionId }));
      this.#port.changed(executionId);
    } catch (error) {
      const reason = asCoderoomError(error);
      if (reason.code !== 'offline' && reason.code !== 'timeout') this.#book.giveUp(reason, executionId);
    }
  }
}
