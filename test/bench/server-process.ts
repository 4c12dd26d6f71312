// The server under test as a process of its own, kept on one CPU; it goes when this process goes, however that ends.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderOf, type Peer, scriptOf } from './peers.ts';

/** Milliseconds to be ready: a first start migrates the database. */
const START_MS = 30_000;
/** Milliseconds for an answer to a signal: two collections of a large heap, or a long profile. */
const ANSWER_MS = 20_000;
/** Begins the line with which a server answers; see servers/peer-process.ts. */
const ANSWER = 'ANSWER ';
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
  /** What it wrote, the beginning. */
  output = '';
  #lines = '';
  #answered: ((text: string) => void) | undefined;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.pid = child.pid as number;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
    running.add(this);
    void this.#ended.then(() => running.delete(this));
    child.stdout?.on('data', (data: Buffer) => this.#read(data.toString()));
    child.stderr?.on('data', (data: Buffer) => {
      if (this.output.length < OUTPUT_KEPT) this.output += data.toString();
    });
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @throws Error with what the server wrote when it does not come up */
  async untilReady(): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (!this.#ready) {
      if (this.hasEnded || performance.now() > deadline) throw new Error(`the server did not start: ${this.output}`);
      await sleep(5);
    }
  }

  /** After a collection. */
  async memory(): Promise<Memory> {
    const { rss, heapUsed, external }: NodeJS.MemoryUsage = JSON.parse(await this.#ask('SIGUSR2'));
    const MIB = 2 ** 20;
    return { residentMiB: rss / MIB, heapMiB: heapUsed / MIB, externalMiB: external / MIB };
  }

  /** Begins a CPU profile; the second call ends it and writes it into the folder. */
  async profile(folder: string): Promise<void> {
    const profile = await this.#ask('SIGHUP');
    if (profile === 'begun') return;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, `${this.pid}-${Date.now()}.cpuprofile`), profile);
  }

  /** Kills it and waits: a bench has nothing to lose, and `kill -9` is one of its scenarios. */
  async stop(): Promise<void> {
    if (!this.hasEnded) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #ask(signal: NodeJS.Signals): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the server does not answer to signals')), ANSWER_MS);
      this.#answered = (text) => {
        clearTimeout(late);
        resolve(text);
      };
      this.#child.kill(signal);
    });
  }

  #read(text: string): void {
    const lines = text.split('\n');
    lines[0] = this.#lines + lines[0];
    this.#lines = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'READY') this.#ready = true;
      else if (line.startsWith(ANSWER)) this.#answered?.(line.slice(ANSWER.length));
      else if (this.output.length < OUTPUT_KEPT) this.output += `${line}\n`;
    }
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

function launch({ peer, cpu, databaseUrl }: StartOptions, port: number): ChildProcess {
  const pinned = has('taskset') ? ['taskset', '-c', String(cpu)] : [];
  const tied = has('setpriv') ? ['setpriv', '--pdeathsig', 'KILL'] : [];
  const node = [process.execPath, ...(peer.packages ? [] : startFlags()), '--expose-gc', scriptOf(peer)];
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

/** The flags of `npm start`. */
function startFlags(): string[] {
  const manifest = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8'));
  return (manifest.scripts.start as string).split(' ').filter((word) => word.startsWith('--'));
}

const has = (command: string): boolean => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
