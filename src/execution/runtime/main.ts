// What a run finds in its global scope. This folder is evaluated inside the isolate, next to hostile code, and
// keeps nobody in: the isolate and the process do. Whatever the host offers it must bear being called by anyone.
import { structuredClone } from './clone.ts';
import { makeConsole } from './console.ts';
import { TextDecoder, TextEncoder } from './encoding.ts';
import { formatResult } from './format.ts';
import { makeInput } from './input.ts';
import { makeTimers } from './timers.ts';
import { makeURL, URLSearchParams, type UrlHost } from './url.ts';

type Install = [
  write: (stream: 1 | 2, text: string) => void,
  start: (id: number, ms: number, pending: number) => boolean,
  stop: (id: number) => void,
  read: () => string | boolean,
  want: (how: 0 | 1 | 2) => void,
  url: UrlHost,
  random: (bytes: number) => string,
  pieces: Int32Array,
];

let fireTimer: (id: number) => void = () => {};
let feedInput: () => void = () => {};

/** Sets the globals. Called once by the host, with its functions. */
export function install(...[write, start, stop, read, want, url, random, pieces]: Install): void {
  const timers = makeTimers({ start, stop });
  fireTimer = (id) => timers.fire(id);
  const input = makeInput({ read, want }, (text) => write(1, text), pieces);
  feedInput = input.feed;
  const began = Date.now();
  const resolved = Promise.resolve();
  const globals: Record<string, unknown> = {
    ...timers.globals,
    ...input.globals,
    args: Object.freeze([]),
    env: Object.freeze({}),
    console: makeConsole(write),
    queueMicrotask: (callback: unknown) => {
      if (typeof callback !== 'function') throw new TypeError('the callback must be a function');
      void resolved.then(() => {
        (callback as () => void)();
      });
    },
    performance: Object.freeze({ now: () => Date.now() - began, timeOrigin: began }),
    crypto: makeCrypto(random),
    structuredClone,
    TextEncoder,
    TextDecoder,
    URL: makeURL(url),
    URLSearchParams,
  };
  define(globals);
  // Compiles what writes before anybody waits for it.
  (makeConsole(() => {}) as { log(value: unknown): void }).log(new Map([['a', [1]]]));
  // Memory that the heap limit does not see, and ways to park a thread.
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) Reflect.deleteProperty(globalThis, name);
}

function define(globals: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** Sets `args` and `env` of a run that has some, given as JSON; called before its program. */
export function begin(args: string, env: string): void {
  define({ args: Object.freeze(JSON.parse(args)), env: Object.freeze(JSON.parse(env)) });
}

/** More input has come for a program that does not stand still. */
export function feed(): void {
  feedInput();
}

/** Runs the callback of a timer that is due. */
export function fire(id: number): void {
  fireTimer(id);
}

/** The result of a run as text; empty for `undefined`, and for a promise, which says nothing to a reader. */
export function show(value: unknown, maxChars: number): string {
  return value === undefined || value instanceof Promise ? '' : formatResult(value, maxChars);
}

const RANDOM_BYTES = 65_536; // what browsers allow in one call

function makeCrypto(random: (bytes: number) => string): object {
  const fillBytes = (bytes: Uint8Array): void => {
    const hex = random(bytes.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  };
  return Object.freeze({
    getRandomValues<T extends ArrayBufferView>(view: T): T {
      if (view.byteLength > RANDOM_BYTES) throw new RangeError(`at most ${RANDOM_BYTES} bytes at once`);
      fillBytes(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength));
      return view;
    },
    randomUUID(): string {
      const bytes = new Uint8Array(16);
      fillBytes(bytes);
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
    },
  });
}
