// Starts CPython in an isolate: from a snapshot of its memory, which takes a third of a second, or from nothing.
import { readFileSync } from 'node:fs';
import ivm from 'isolated-vm';
import { PYTHON_LIMITS } from '../limits.ts';
import { readRuntime } from '../runtime-source.ts';
import { Session } from '../session.ts';
import { bufferOf, emptyLock, moduleText, ROOM_PY } from './python-files.ts';

const RUNTIME = readRuntime('python.ts', ['install', 'load', 'prepare', 'snapshot', 'seal', 'run']);

/** Read once per process. */
const MODULES = ['pyodide.asm.mjs', 'pyodide.mjs'].map((name) => [name, moduleText(name)] as const);
const LOCK = emptyLock();

/** Starting from nothing takes seconds, and a busy machine takes longer: this only says that it hangs, in ms. */
const LOAD_MS = 60_000;

/** A Python that is ready for a program. */
export async function openPython(snapshot: ArrayBuffer, onFatal: () => void): Promise<Session> {
  const session = await start(snapshot, onFatal);
  await session.call('seal', []);
  return session;
}

/** Starts from nothing and gives the memory of a Python that has imported what programs import most. */
export async function makeSnapshot(): Promise<ArrayBuffer> {
  const session = await start(undefined, () => {});
  await session.call('prepare', [`${moduleOf(readFileSync(ROOM_PY, 'utf8'))}\n_coderoom.restrict()\ndel _coderoom\n`]);
  const memory = (await session.call('snapshot', [])) as ArrayBuffer;
  session.close();
  return memory;
}

/** Python that makes a module of this text, by the name of _coderoom. */
function moduleOf(text: string): string {
  return `import sys, types
_coderoom = sys.modules["_coderoom"] = types.ModuleType("_coderoom")
_coderoom.__file__ = "<coderoom>"
exec(compile(${JSON.stringify(text)}, "<coderoom>", "exec"), _coderoom.__dict__)`;
}

async function start(snapshot: ArrayBuffer | undefined, onFatal: () => void): Promise<Session> {
  const session = await Session.open({ heapMb: PYTHON_LIMITS.heapMb, runtime: RUNTIME, onFatal });
  const entrances = new Map<string, ivm.Module>();
  for (const [name, text] of MODULES) {
    const module = session.isolate.compileModuleSync(text, { filename: `coderoom:${name}` });
    module.instantiateSync(session.context, () => {
      throw new Error('Pyodide imports nothing');
    });
    await module.evaluate({ timeout: LOAD_MS });
    entrances.set(name, module);
  }
  const entrance = async (module: string, name: string): Promise<unknown> =>
    ((await entrances.get(module)!.namespace.get(name, { reference: true })) as ivm.Reference).derefInto();
  const create = await entrance('pyodide.asm.mjs', 'default');
  const load = await entrance('pyodide.mjs', 'loadPyodide');
  const given = await parts(session, snapshot);
  await session.call('load', [create, load, given.derefInto()], { promise: true });
  return session;
}

/** The buffers are moved into the isolate, not copied. */
function parts(session: Session, snapshot: ArrayBuffer | undefined): Promise<ivm.Reference> {
  const moved = [bufferOf('pyodide.asm.wasm'), bufferOf('python_stdlib.zip'), snapshot].map((buffer) =>
    buffer === undefined
      ? undefined
      : new ivm.ExternalCopy(buffer, { transferOut: true }).copyInto({ release: true, transferIn: true }),
  );
  const code = 'return { wasm: $0, library: $1, snapshot: $2, lock: $3 }';
  return session.context.evalClosure(code, [...moved, LOCK], { result: { reference: true } });
}
