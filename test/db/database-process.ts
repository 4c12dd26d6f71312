// The parent's side of database-child.ts, and what a test can see of the PostgreSQL that such a process started.
import { type ChildProcess, fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Reply } from './database-child.ts';

export interface DatabaseProcess {
  readonly pid: number;
  /** @throws Error with what the database said */
  query(statement: string): Promise<unknown[]>;
  /** Closes the database; resolves when the process has ended by itself. @returns its exit code */
  close(): Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** What it logged and complained of. */
  output(): string;
}

interface Settings {
  readonly dataDir?: string;
  readonly databaseUrl?: string;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Resolves when the database is open. @throws Error with the message that the operator would see */
export async function spawnDatabase(settings: Settings): Promise<DatabaseProcess> {
  const { dataDir = '', databaseUrl = '', environment = { PATH: process.env['PATH'], TMPDIR: os.tmpdir() } } = settings;
  const child = fork(path.join(import.meta.dirname, 'database-child.ts'), [dataDir, databaseUrl], {
    env: environment,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ask = questions(child, () => output);
  const opened = await ask(0).catch(async (error: unknown) => {
    await ended;
    throw error;
  });
  if (opened.error !== undefined) {
    await ended;
    throw new Error(opened.error);
  }
  return handleOf(child, { ask, ended, output: () => output });
}

type Ask = (id: number, question?: object) => Promise<Reply>;

function handleOf(
  child: ChildProcess,
  { ask, ended, output }: { ask: Ask; ended: Promise<number | null>; output: () => string },
): DatabaseProcess {
  let asked = 0;
  return {
    pid: child.pid as number,
    output,
    async query(statement) {
      const { rows, error } = await ask(++asked, { statement });
      if (error !== undefined) throw new Error(error);
      return rows as unknown[];
    },
    async close() {
      const { error } = await ask(++asked, {});
      if (error !== undefined) throw new Error(error);
      return ended;
    },
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

/** Questions by number; those that are open when the process ends fail with what it wrote. */
function questions(child: ChildProcess, output: () => string): Ask {
  const open = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  child.on('message', (reply: Reply) => {
    open.get(reply.id)?.resolve(reply);
    open.delete(reply.id);
  });
  child.once('close', (code, signal) => {
    for (const { reject } of open.values()) reject(new Error(`The process ended (${signal ?? code}): ${output()}`));
  });
  return (id, question) =>
    new Promise((resolve, reject) => {
      open.set(id, { resolve, reject });
      if (question) child.send({ id, ...question }, (error) => error && reject(error));
    });
}

/** The process id of the PostgreSQL that has the data folder of a server. */
export function postmasterOf(dataDir: string): number {
  return Number(fs.readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Processes of a PostgreSQL on the data folder of a server: each has that folder as its working directory. */
export function postgresOn(dataDir: string): number[] {
  const folder = path.join(fs.realpathSync(dataDir), 'postgres');
  return fs.readdirSync('/proc').flatMap((entry) => {
    try {
      return /^\d+$/.test(entry) && fs.readlinkSync(`/proc/${entry}/cwd`) === folder ? [Number(entry)] : [];
    } catch {
      return []; // ended meanwhile
    }
  });
}
