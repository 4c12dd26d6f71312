// The server as its operator runs it: `node src/main.ts` in a process of its own, with the embedded database.
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
/** Milliseconds to be ready, on a loaded machine. */
const READY_MS = 30_000;

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything it wrote. */
  readonly output: () => string;
  /** Sends a signal and waits for the end. @returns the exit code, null when the signal killed it */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A folder that goes away with the test run. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-data-'));
  return { path: folder, remove: () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 }) };
}

/** Starts the server and waits for its line. @throws Error with what it wrote when it ends instead */
export async function startProcess(settings: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], PORT: '0', RATE_LIMIT_FACTOR: '0', SANDBOX_WARM: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (data: Buffer): void => {
    output += data.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = await readyUrl(child, () => output);
  return { url, pid: child.pid as number, output: () => output, end: (signal) => ended(child, signal) };
}

function readyUrl(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS);
    child.stdout?.on('data', () => {
      const url = /open (http:\S+)/.exec(output())?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`The server ended with ${code}: ${output()}`));
    });
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}
