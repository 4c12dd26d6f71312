// Python as a kind of sandbox: each run has a CPython of its own, started from the snapshot before anybody waits for it.
import { readFileSync } from 'node:fs';
import { describeFailure } from '../failure.ts';
import type { Guest, GuestEnd, Prepared } from '../guest.ts';
import type { RunFrame } from '../ipc.ts';
import { MB, PYTHON_OVERHEAD_BYTES } from '../limits.ts';
import { CRASHED, exited, readEnd } from './python-end.ts';
import { bufferFrom, PYODIDE_FOLDER } from './python-files.ts';
import { openPython } from './python-isolate.ts';
import { SNAPSHOT_FD, SNAPSHOT_HEADER_BYTES, verifiedSnapshot } from './snapshot-format.ts';

/** Where the files of the room are, for Python. */
const ROOM = '/room';

/** Compiled once: V8 shares its code among the isolates that compile the same bytes, as long as somebody holds it. */
const COMPILED = compiled(readFileSync(`${PYODIDE_FOLDER}pyodide.asm.wasm`));

/** One Python that is ready; it has no state that depends on the run to come. */
export class PythonGuest implements Guest {
  readonly warmUp = []; // each isolate rehearses by itself
  /** The code is kept as long as somebody holds this. */
  readonly compiled = COMPILED;
  readonly #onFatal: () => void;
  #prepared: Promise<Prepared> | undefined;

  /** @throws Error when the snapshot is damaged */
  constructor(onFatal: () => void) {
    verifiedSnapshot(bufferFrom(SNAPSHOT_FD, 0));
    this.#onFatal = onFatal;
  }

  async prepare(): Promise<void> {
    this.#prepared = this.#open();
    await this.#prepared;
  }

  take(): Promise<Prepared> {
    const prepared = this.#prepared ?? this.#open();
    this.#prepared = undefined;
    return prepared;
  }

  async #open(): Promise<Prepared> {
    const session = await openPython(bufferFrom(SNAPSHOT_FD, SNAPSHOT_HEADER_BYTES), this.#onFatal);
    const call = (args: unknown[]): Promise<unknown> => session.call('run', args);
    return { session, execute: (frame) => execute(frame, call).catch(describeCrash) };
  }
}

async function execute(frame: RunFrame, call: (args: unknown[]) => Promise<unknown>): Promise<GuestEnd> {
  const { files, entry, args, env, limits } = frame;
  const placed = files.map(([path, text]) => [`${ROOM}/${path.replace(/^\/+/, '')}`, text, path] as const);
  const paths = Object.fromEntries(placed.map(([place, , path]) => [place, path]));
  const request = { entry: placed.find(([, , path]) => path === entry)![0], paths, args, env };
  const told = await call([
    JSON.stringify(placed.map(([place, text]) => [place, text])),
    JSON.stringify({ ...request, valueChars: limits.resultChars }),
    Math.max(2 * PYTHON_OVERHEAD_BYTES, limits.heapMb * MB - PYTHON_OVERHEAD_BYTES),
  ]);
  return readEnd(String(told), limits.resultChars);
}

/** An end that Python could not tell itself. */
function describeCrash(thrown: unknown): GuestEnd {
  const { kind, message } = describeFailure(thrown, { has: () => false, origin: (_, place) => place });
  if (kind !== 'exception') return { error: { kind, message } };
  const words = thrown instanceof Error ? thrown.message : '';
  const code = /^Program terminated with exit\((\d+)\)$/.exec(words)?.[1]; // os._exit, or a signal to itself
  if (code !== undefined) return exited(Number(code));
  const deep = thrown instanceof RangeError && /call stack/.test(words);
  return { error: { kind, message: deep ? 'RecursionError: calls are nested too deeply' : CRASHED } };
}

function compiled(bytes: Uint8Array): unknown {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { Module: new (bytes: Uint8Array) => unknown } };
  return new WebAssembly.Module(bytes);
}
