// What Pyodide asks of the place it is loaded in: it takes the isolate for one of the JavaScript shells that engines are
// tested with, the only kind without files, pages and workers. All of it is taken away again before a program runs.
import { TextDecoder, TextEncoder } from './encoding.ts';

/** What is used of it here: its types belong to pages. */
interface Wasm {
  readonly Module: new (bytes: ArrayBuffer) => object;
  readonly Instance: new (module: object, imports?: object) => object;
  readonly Memory: { readonly prototype: { grow: (this: { readonly buffer: ArrayBuffer }, pages: number) => number } };
  readonly RuntimeError: unknown;
  readonly Exception: unknown;
  readonly Tag: unknown;
}

const assembly = (globalThis as unknown as { readonly WebAssembly: Wasm }).WebAssembly;

/** The files of Pyodide as the shell's `read` and `readbuffer` give them. */
export interface ShellFiles {
  readonly wasm: ArrayBuffer;
  readonly library: ArrayBuffer;
  /** Its list of packages, which is empty here. */
  readonly lock: string;
}

/** Where Pyodide is told to live: nothing is ever fetched from there. */
export const SHELL_HOME = 'coderoom/';

/** Emscripten asks for one of UTF-16 as well, as programs in C that use wide characters need it. */
class ShellDecoder {
  readonly #utf8: TextDecoder | undefined;

  constructor(label = 'utf-8') {
    this.#utf8 = label === 'utf-16le' ? undefined : new TextDecoder(label);
  }

  decode(bytes: Uint8Array): string {
    if (this.#utf8 !== undefined) return this.#utf8.decode(bytes);
    let text = '';
    for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8));
    return text;
  }
}

/** Classes of browsers that Pyodide prepares to use, and never does here. */
const PAGE_CLASSES = [
  'EventTarget',
  'Event',
  'AbortController',
  'AbortSignal',
  'MessageChannel',
  'Headers',
  'Request',
  'Response',
  'Blob',
  'FormData',
];

const PAGE_BYTES = 65_536; // of WebAssembly
const TICKS_MS = 1; // clocks in here count whole milliseconds, as in the other languages

/** Where the shell's files are looked for; set before Pyodide is loaded, emptied after. */
export const shellFiles: { current: ShellFiles | undefined } = { current: undefined };

/**
 * Sets the globals of such a shell.
 * @param random gives so many random bytes as hex
 */
export function poseAsShell(random: (bytes: number) => string): void {
  const began = Date.now();
  const quiet = (): void => {};
  const later = (callback: () => void): number => {
    void Promise.resolve().then(callback);
    return 1;
  };
  class Nothing {
    readonly port1 = {};
    readonly port2 = {};
    addEventListener(): void {}
    removeEventListener(): void {}
  }
  const globals: Record<string, unknown> = {
    self: globalThis,
    console: { log: quiet, error: quiet, warn: quiet, debug: quiet, info: quiet },
    setTimeout: later,
    clearTimeout: quiet,
    setInterval: () => 1,
    clearInterval: quiet,
    queueMicrotask: later,
    crypto: { getRandomValues: (view: Uint8Array) => fillRandom(view, random) },
    performance: { now: () => Math.floor((Date.now() - began) / TICKS_MS) * TICKS_MS, timeOrigin: began },
    location: { href: SHELL_HOME, origin: SHELL_HOME, toString: () => SHELL_HOME },
    URL: class {
      readonly href: string;
      constructor(path: unknown) {
        this.href = String(path);
      }
    },
    TextEncoder,
    TextDecoder: ShellDecoder,
    read: () => shellFiles.current?.lock,
    readbuffer: (name: string) => (name.includes('wasm') ? shellFiles.current?.wasm : shellFiles.current?.library),
    load: quiet,
    quit: quiet,
    print: quiet,
    printErr: quiet,
    scriptArgs: [],
    // How Emscripten gets its randomness in a shell: a command that prints it as base64.
    os: {
      system: (_: unknown, args: readonly string[]) => base64(random, Number(/\d+/.exec(args[1] ?? '')?.[0] ?? 0)),
    },
  };
  for (const name of PAGE_CLASSES) globals[name] = class extends Nothing {};
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
  tameWebAssembly();
}

/** Everything of the shell that a running Python has no use for, and every way to make code out of text. */
export function leaveShell(): void {
  const gone = ['read', 'readbuffer', 'load', 'print', 'printErr', 'scriptArgs', 'location', 'eval', 'Function'];
  for (const name of gone) Reflect.deleteProperty(globalThis, name);
  const kinds = [() => {}, async () => {}, function* () {}, async function* () {}] as readonly object[];
  for (const one of kinds) {
    Object.defineProperty(Reflect.getPrototypeOf(one), 'constructor', { value: undefined, writable: false });
  }
  const { RuntimeError, Exception, Tag } = assembly;
  for (const name of ['SharedArrayBuffer', 'Atomics']) Reflect.deleteProperty(globalThis, name);
  Object.defineProperty(globalThis, 'WebAssembly', { value: Object.freeze({ RuntimeError, Exception, Tag }) });
}

function fillRandom(view: Uint8Array, random: (bytes: number) => string): Uint8Array {
  const hex = random(view.byteLength);
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return view;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(random: (bytes: number) => string, count: number): string {
  const bytes = fillRandom(new Uint8Array(count), random);
  let text = '';
  for (let i = 0; i < count; i += 3) {
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j < 4; j++) text += i + j > count ? '=' : BASE64[(bits >> (18 - 6 * j)) & 63]!;
  }
  return text;
}

/** How large the memory of Python may become, in bytes. */
export const mostMemory = { bytes: Number.POSITIVE_INFINITY };

/** Compiles on this thread (isolates have no other to do it on), and refuses memory above the limit. */
function tameWebAssembly(): void {
  const { Module, Instance, Memory } = assembly;
  const { grow } = Memory.prototype;
  Memory.prototype.grow = function (pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > mostMemory.bytes) throw new RangeError('memory limit reached');
    return grow.call(this, pages);
  };
  const changed: Record<string, unknown> = {
    compile: async (bytes: ArrayBuffer) => new Module(bytes),
    instantiate: async (source: object, imports?: object) => {
      if (source instanceof Module) return new Instance(source, imports);
      const module = new Module(source as ArrayBuffer);
      return { module, instance: new Instance(module, imports) };
    },
    instantiateStreaming: undefined,
    compileStreaming: undefined,
  };
  for (const [name, value] of Object.entries(changed)) {
    Object.defineProperty(assembly, name, { value, writable: true, configurable: true });
  }
}
