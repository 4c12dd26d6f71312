// CPython inside the isolate: loads Pyodide, from a snapshot of its memory or from nothing, and runs one program.
// Python reaches nothing of JavaScript but three devices: its streams, and one to sleep at and to report its end on.
import { TextEncoder } from './encoding.ts';
import { makeDevices, type PythonHost } from './python-devices.ts';
import { leaveShell, mostMemory, poseAsShell, SHELL_HOME, shellFiles } from './python-shell.ts';

/** The part of Pyodide's interface that is used here; the version is pinned, and tests tell when it has changed. */
interface Pyodide {
  readonly FS: FileSystem;
  readonly _module: {
    stringToNewUTF8(text: string): number;
    _PyRun_SimpleString(code: number): number;
    _free(address: number): void;
  };
  setStdin(options: object): void;
  setStdout(options: object): void;
  setStderr(options: object): void;
  makeMemorySnapshot(): Uint8Array;
}

interface FileSystem {
  mkdirTree(path: string): void;
  writeFile(path: string, text: string): void;
  unlink(path: string): void;
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, device: number): void;
}

/** In the order of main.ts; timers and addresses are not for Python. */
type Install = [
  write: (stream: 1 | 2, text: string) => void,
  start: unknown,
  stop: unknown,
  read: () => string | boolean,
  want: (how: 0 | 1 | 2) => void,
  url: unknown,
  random: (bytes: number) => string,
  pieces: Int32Array,
];

/** Pyodide's two entrances. */
type CreateModule = (settings: object) => Promise<object>;
type LoadPyodide = (options: object) => Promise<Pyodide>;

/** Where the files of the room are, for Python. */
const ROOM = '/room';

const MAJOR = 97; // a number of ours for the control device; Emscripten counts its own from 64

let host: PythonHost;
let devices: ReturnType<typeof makeDevices>;
let python: Pyodide;

/** Sets the globals that Pyodide needs. Called once by the host, with its functions, before Pyodide is evaluated. */
export function install(...[write, , , read, want, , random, pieces]: Install): void {
  const { wait, load } = Atomics; // not there any more when the program runs
  const still = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  host = {
    write,
    read,
    want,
    seen: () => load(pieces, 0),
    await: (seen) => void wait(pieces, 0, seen),
    sleep: (ms) => void wait(still, 0, 0, ms),
  };
  poseAsShell(random);
}

/** What Python is started with; the buffers are gone afterwards. */
interface Parts {
  readonly wasm: Transferable;
  readonly library: Transferable;
  readonly lock: string;
  /** Its memory as `snapshot` gave it; without one it starts from nothing, which takes seconds. */
  readonly snapshot: Transferable | undefined;
}

/** `transfer(0)` gives the memory back at once. */
type Transferable = ArrayBuffer & { transfer(bytes: number): ArrayBuffer };

/** Starts Python. */
export async function load(create: CreateModule, loadPyodide: LoadPyodide, parts: Parts): Promise<void> {
  const { wasm, library, lock, snapshot } = parts;
  shellFiles.current = { wasm, library, lock };
  python = await loadPyodide({
    indexURL: SHELL_HOME,
    createPyodideModule: create,
    jsglobals: { Object, setTimeout },
    env: { HOME: ROOM, PYTHONDONTWRITEBYTECODE: '1', LANG: 'C.UTF-8' },
    ...(snapshot === undefined ? { _makeSnapshot: true } : { _loadSnapshot: new Uint8Array(snapshot) }),
  });
  shellFiles.current = undefined;
  wasm.transfer(0);
  snapshot?.transfer(0);
  python.FS.mkdirTree(ROOM);
}

/** Runs code of ours, from nothing. @throws Error when that throws */
export function prepare(code: string): void {
  execute(code);
}

/** The memory of a Python that was started from nothing. */
export function snapshot(): ArrayBuffer {
  return python.makeMemorySnapshot().buffer as ArrayBuffer;
}

/** Makes it ready for a program that nobody trusts. */
export function seal(): void {
  devices = makeDevices(host);
  python.setStdin(devices.stdin);
  python.setStdout(devices.stdout);
  python.setStderr(devices.stderr);
  const device = python.FS.makedev(MAJOR, 0);
  python.FS.registerDevice(device, devices.control);
  python.FS.mkdev('/dev/coderoom', device);
  execute('import _coderoom; _coderoom.seal()');
  leaveShell();
  rehearse();
}

/** The first run of an isolate is slow, much of its code being compiled only then: this one nobody waits for or hears. */
function rehearse(): void {
  const entry = `${ROOM}/rehearsal.py`;
  const about = { paths: { [entry]: entry }, args: [], env: { A: 'a' }, valueChars: 100 };
  run(
    JSON.stringify([[entry, 'import sys\nprint("a", [1], file=sys.stderr)\nprint("a")\n1 + 1']]),
    JSON.stringify({ entry, ...about }),
  );
  python.FS.unlink(entry);
}

/**
 * Runs a program to its end.
 * @param files path and text, as JSON
 * @param request what `run` in room.py takes, as JSON
 * @param mostBytes of memory
 * @returns what that gives, as JSON
 * @throws when Python ended before it could tell
 */
export function run(files: string, request: string, mostBytes = mostMemory.bytes): string {
  mostMemory.bytes = mostBytes;
  for (const [path, text] of JSON.parse(files) as [string, string][]) {
    try {
      python.FS.mkdirTree(path.slice(0, path.lastIndexOf('/')));
      python.FS.writeFile(path, text);
    } catch {
      // a file that stands where another has its folder
    }
  }
  devices.ask(new TextEncoder().encode(request));
  execute('import _coderoom; _coderoom.run()');
  return devices.end();
}

function execute(code: string): void {
  const module = python._module;
  const address = module.stringToNewUTF8(code);
  const failed = module._PyRun_SimpleString(address);
  module._free(address);
  if (failed !== 0) throw new Error('the code of the sandbox failed');
}
