// The server under test as a process of its own, kept on one CPU; it goes when this process goes, however that ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderOf, type Peer, scriptOf } from './peers.ts';

/** Milliseconds to be ready (a first start migrates the database) and to end. */
const START_MS = 30_000;
const END_MS = 10_000;
/** Milliseconds for an answer about memory: two collections of a large heap. */
const MEMORY_MS = 10_000;
const START_TRIES = 5;
const OUTPUT_KEPT = 20_000;

export interface Memory {
  readonly residentMiB: number;
  readonly heapMiB: number;
  /** Outside of the heap, buffers included. */
  readonly externalMiB: number;
}

export interface StartOptions {
  readonly peer: Peer;
  readonly cpu: number;
  readonly databaseUrl: string | undefined;
  readonly nodeArgs: readonly string[];
}

/** What was started and has not ended, for whoever has to stop in a hurry. */
export const running = new Set<ServerProcess>();

/** Below the range that the system gives to outgoing connections. */
let nextPort = 12_000 + ((process.pid * 7) % 18_000);

export class ServerProcess {
  readonly port: number;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #ready = false;
  #output = '';
  #lines = '';
  #memory: ((memory: Memory) => void) | undefined;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.pid = child.pid as number;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    running.add(this);
    void this.#ended.then(() => running.delete(this));
    child.stdout?.on('data', (data: Buffer) => this.#read(data.toString()));
    child.stderr?.on('data', (data: Buffer) => {
      if (this.#output.length < OUTPUT_KEPT) this.#output += data.toString();
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws Error with what the server wrote when it does not come up */
  async untilReady(): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (!this.#ready) {
      if (this.hasEnded || performance.now() > deadline) throw new Error(`the server did not start: ${this.#output}`);
      await sleep(5);
    }
  }

  /** After a collection. */
  memory(): Promise<Memory> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the server did not tell its memory')), MEMORY_MS);
      this.#memory = (memory) => {
        clearTimeout(late);
        resolve(memory);
      };
      this.#child.kill('SIGUSR2');
    });
  }

  /** Ends it and waits; SIGINT lets a profile be written. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.hasEnded) return;
    this.#child.kill(signal);
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.#ended;
    clearTimeout(late);
  }

  #read(text: string): void {
    this.#lines += text;
    const lines = this.#lines.split('\n');
    this.#lines = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'READY') this.#ready = true;
      else if (line.startsWith('MEMORY ')) this.#memory?.(memoryOf(JSON.parse(line.slice('MEMORY '.length))));
      else if (this.#output.length < OUTPUT_KEPT) this.#output += `${line}\n`;
    }
  }

  get output(): string {
    return this.#output;
  }
}

export async function startServer(options: StartOptions): Promise<ServerProcess> {
  for (let tries = 1; ; tries++) {
    const port = nextPort++;
    const server = new ServerProcess(launch(options, port), port);
    try {
      await server.untilReady();
      return server;
    } catch (error) {
      await server.stop();
      if (tries >= START_TRIES || !String(error).includes('EADDRINUSE')) throw error;
    }
  }
}

function launch({ peer, cpu, databaseUrl, nodeArgs }: StartOptions, port: number): ChildProcess {
  const pinned = has('taskset') ? ['taskset', '-c', String(cpu)] : [];
  const tied = has('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const node = [process.execPath, '--expose-gc', ...nodeArgs, scriptOf(peer)];
  const [file, ...args] = [...tied, ...pinned, ...node];
  const settings = {
    PORT: String(port),
    PEER_DIR: folderOf(peer),
    NODE_ENV: 'production',
    RATE_LIMIT_FACTOR: '0',
    SANDBOX_WARM: '0',
    LOG_LEVEL: 'error',
    ...(peer.stored && databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  };
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings };
  return spawn(file as string, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

const has = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

function memoryOf(usage: NodeJS.MemoryUsage): Memory {
  const MIB = 2 ** 20;
  return { residentMiB: usage.rss / MIB, heapMiB: usage.heapUsed / MIB, externalMiB: usage.external / MIB };
}
