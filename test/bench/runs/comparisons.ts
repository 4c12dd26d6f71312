// What runs of ours are measured beside: processes that are started for one program, and ways to run one in this process.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import ivm from 'isolated-vm';
import { folderOf, type Peer, setUp } from '../peers.ts';

const PYODIDE = pathToFileURL(path.join(import.meta.dirname, '../../../node_modules/pyodide/pyodide.mjs')).href;
const PLAIN_PYODIDE = `const { loadPyodide } = await import('${PYODIDE}');
const python = await loadPyodide();
python.runPython('print("mark")');
process.exit(0);`;

/** Milliseconds from the start of a process to its first output; it has ended when this resolves. */
function processOutput(command: string, args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let first = Number.NaN;
  child.stdout.once('data', () => {
    first = performance.now() - began;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(first));
  });
}

/** Ways to the first output of a program, each called once for a sample; ms. */
export interface Comparison {
  readonly name: string;
  /** Those that take seconds are sampled less often. */
  readonly slow?: boolean;
  readonly sample: () => Promise<number>;
}

async function bareIsolate(): Promise<number> {
  const began = performance.now();
  const isolate = new ivm.Isolate({ memoryLimit: 64 });
  const context = await isolate.createContext();
  let first = Number.NaN;
  const print = new ivm.Callback(() => {
    first = performance.now() - began;
  });
  await context.global.set('print', print);
  await (await isolate.compileScript('print("mark")')).run(context);
  isolate.dispose();
  return first;
}

const WORKER = `const { parentPort } = require('node:worker_threads');
require('node:vm').runInNewContext('print("mark")', { print: (text) => parentPort.postMessage(text) });`;

async function workerVm(): Promise<number> {
  const began = performance.now();
  const worker = new Worker(WORKER, { eval: true });
  const first = await new Promise<number>((resolve) => {
    worker.once('message', () => resolve(performance.now() - began));
  });
  await worker.terminate();
  return first;
}

const QUICKJS: Peer = { name: 'quickjs', server: '', adapter: '', packages: 'quickjs' };

/** A fresh context of QuickJS in WebAssembly, which is loaded already. */
async function quickJs(): Promise<Comparison> {
  setUp(QUICKJS);
  const root = path.join(folderOf(QUICKJS), 'node_modules/quickjs-emscripten');
  const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const entry = exports['.'].import?.default ?? exports['.'].import;
  const { getQuickJS } = await import(pathToFileURL(path.join(root, entry)).href);
  const quick = await getQuickJS();
  return {
    name: 'quickjs-emscripten, a context',
    async sample() {
      const began = performance.now();
      const context = quick.newContext();
      let first = Number.NaN;
      const print = context.newFunction('print', () => {
        first = performance.now() - began;
      });
      context.setProp(context.global, 'print', print);
      print.dispose();
      context.unwrapResult(context.evalCode('print("mark")')).dispose();
      context.dispose();
      return first;
    },
  };
}

/** The interpreter itself: `python3` in the path may be a script that looks for one. */
const pythonPath = (): string =>
  execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** All of them; QuickJS is installed beside the peers of the other bench. */
export async function comparisons(): Promise<readonly Comparison[]> {
  const python = pythonPath();
  return [
    { name: 'cold `node` process', sample: () => processOutput(process.execPath, ['-e', 'console.log("mark")']) },
    { name: 'cold `python3` process', sample: () => processOutput(python, ['-c', 'print("mark")']) },
    { name: 'bare isolate, in process', sample: bareIsolate },
    { name: 'worker thread, fresh vm', sample: workerVm },
    await quickJs(),
    {
      name: 'Pyodide, loaded plainly',
      slow: true,
      sample: () => processOutput(process.execPath, ['--input-type=module', '-e', PLAIN_PYODIDE]),
    },
  ];
}
