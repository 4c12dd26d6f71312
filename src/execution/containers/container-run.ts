// One run in a container of its own: created, attached, started, watched, removed. Its engine is a server of somebody
// else: every call may fail, and then the run ends with that as its reason.
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { Log } from '../../observe/log.ts';
import type { Outcome, Work, WorkListener } from '../active-run.ts';
import type { RunError } from '../ipc.ts';
import type { OutputBatch } from '../output-batch.ts';
import { ProgramWatch } from '../program-watch.ts';
import { containerSpec } from './container-spec.ts';
import { inTime } from './engine.ts';
import type { ContainerLanguage } from './languages.ts';
import { StreamReader } from './stream-reader.ts';

export interface ContainerPorts {
  readonly id: string;
  readonly engine: Promise<Docker>;
  readonly log: Log;
  readonly language: ContainerLanguage;
  readonly image: string;
}

/** How often the engine is asked what a container uses, in ms: each answer costs it some ms of CPU. */
const LOOK_MS = 300;
/** What is still to come of a container that has ended, or was told to, comes within this, in ms. */
const REST_MS = 2000;
/** A container that its server has forgotten may be removed this long after its time, in s. */
const FORGOTTEN_S = 60;
/** The streams of a container: what is written is its input, what comes are frames of `StreamReader`. */
const ATTACHED = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
const ENGINE_FAILED = 'the container engine failed';
/** Memory of a container: compilers need more than programs. */
const MEMORY_BYTES = 512 * 1024 * 1024;

export class ContainerRun {
  readonly id: string;
  readonly mode = 'docker';
  readonly #ports: ContainerPorts;
  readonly #watch: ProgramWatch;
  #container: Docker.Container | undefined;
  #streams: Duplex | undefined;
  /** An engine that does not end a container that it was told to kill: its run ends all the same. */
  readonly #givenUp = Promise.withResolvers<void>();
  readonly #attaching = new AbortController();
  #patience: NodeJS.Timeout | undefined;
  #over = false;

  constructor(ports: ContainerPorts) {
    this.id = ports.id;
    this.#ports = ports;
    const { id, log, language } = ports;
    const stop = (): void => this.#stop();
    this.#watch = new ProgramWatch({ id, log, extraMs: language.compileMs, stop, broken: ENGINE_FAILED });
  }

  get used(): { readonly cpuMs: number; readonly memoryBytes: number } {
    return this.#watch.used;
  }

  /** Never rejects. */
  run(work: Work, listener: WorkListener): Promise<Outcome> {
    return this.#watch.attend(work, listener, async (output) => {
      const looking = setInterval(() => void this.#look(work), LOOK_MS);
      try {
        return await Promise.race([this.#play(work, output), this.#givenUp.promise.then(() => undefined)]);
      } finally {
        clearInterval(looking);
        this.#leave();
      }
    });
  }

  input(text: string, end: boolean): void {
    this.#watch.input(text, end);
  }

  /** Ends the run. One whose container is only being created ends as soon as that is there. */
  kill(error: RunError): void {
    this.#watch.kill(error);
  }

  #stop(): void {
    if (this.#container === undefined) return;
    this.#container.kill(inTime()).catch(() => this.#streams?.destroy());
    this.#patience ??= setTimeout(() => this.#givenUp.resolve(), REST_MS);
  }

  #leave(): void {
    this.#over = true;
    clearTimeout(this.#patience);
    this.#attaching.abort();
    this.#streams?.destroy();
    void this.#remove();
  }

  /** @returns the error that the program ended with, if it did */
  async #play(work: Work, output: OutputBatch): Promise<RunError | undefined> {
    const { engine, language, image } = this.#ports;
    const longest = work.limits.wallMs + language.compileMs + work.limits.inputWaitMs;
    const until = Math.ceil((Date.now() + longest) / 1000) + FORGOTTEN_S;
    const spec = await containerSpec({ work, language, image, memoryBytes: MEMORY_BYTES, until });
    // As the body only: dockerode would put all of it into the address, too.
    const wish = { _query: {}, _body: spec, ...inTime() };
    const container = await (await engine).createContainer(wish as Docker.ContainerCreateOptions);
    this.#container = container;
    const streams = (await container.attach({ ...ATTACHED, abortSignal: this.#attaching.signal })) as Duplex;
    const ended = this.#read(streams, output);
    if (this.#watch.isKilled) return undefined;
    await container.start(inTime());
    if (this.#watch.isKilled) this.#stop();
    this.#streams = streams;
    this.#watch.feed(streams, work);
    await Promise.race([container.wait(), ended.then(() => this.#stopped(container))]);
    if (this.#watch.isKilled) return undefined;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, REST_MS);
    await Promise.race([ended, late.promise]);
    clearTimeout(timer);
    return this.#verdict(container);
  }

  /** Resolves when the container is seen not to run: some engines tell who waits for that only much later. */
  async #stopped(container: Docker.Container): Promise<void> {
    while (!this.#over) {
      const { State: state } = await container.inspect(inTime());
      if (!state.Running) return;
      await delay(LOOK_MS);
    }
  }

  async #verdict(container: Docker.Container): Promise<RunError | undefined> {
    const { State: state } = await container.inspect(inTime());
    const { ExitCode: code, OOMKilled: outOfMemory } = state;
    // Not every engine tells: killed, with most of its memory in use, is that.
    const full = code === 137 && this.used.memoryBytes > 0.75 * MEMORY_BYTES;
    if (outOfMemory || full) return { kind: 'memory', message: 'memory limit reached' };
    if (code === 0) return undefined;
    return { kind: 'exception', message: `the program ended with code ${code}` };
  }

  /** Resolves when the streams have ended. */
  #read(streams: Duplex, output: OutputBatch): Promise<void> {
    const reader = new StreamReader();
    const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
    streams.on('error', () => {}); // its end follows
    streams.on('data', (chunk: Buffer) => {
      try {
        for (const [stream, bytes] of reader.push(chunk)) output.write(stream, decoders[stream].write(bytes));
      } catch (error) {
        this.#ports.log.warn({ run: this.id, err: error }, 'output of a container is garbled');
        this.kill({ kind: 'sandbox', message: ENGINE_FAILED });
      }
    });
    return new Promise((resolve) => {
      streams.once('close', resolve);
      streams.once('end', resolve);
    });
  }

  async #look({ limits }: Work): Promise<void> {
    if (this.#container === undefined) return;
    try {
      const stats = await this.#container.stats({ stream: false, 'one-shot': true, ...inTime() });
      this.#watch.saw(usageIn(stats));
    } catch {
      return; // ended, or the engine is busy: the wall clock holds
    }
    const most = limits.cpuMs + this.#ports.language.compileMs;
    if (this.used.cpuMs > most) this.kill({ kind: 'timeout', message: `CPU limit of ${most} ms reached` });
  }

  async #remove(): Promise<void> {
    await this.#container?.remove({ force: true, v: true, ...inTime() }).catch((error: unknown) => {
      this.#ports.log.warn({ run: this.id, err: error }, 'a container is left to be removed later');
    });
  }
}

function usageIn(stats: unknown): { cpuMs: number; memoryBytes: number } {
  const { cpu_stats: cpu, memory_stats: memory } = (stats ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const total = Number((cpu?.['cpu_usage'] as Record<string, unknown> | undefined)?.['total_usage'] ?? 0);
  const bytes = Number(memory?.['usage'] ?? 0);
  return { cpuMs: Number.isFinite(total) ? total / 1e6 : 0, memoryBytes: Number.isFinite(bytes) ? bytes : 0 };
}
