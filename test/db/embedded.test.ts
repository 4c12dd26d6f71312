// The embedded PostgreSQL: whatever was killed, and whenever, the next start works and has every committed row.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { startEmbedded } from '../../src/db/embedded.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { silentLog } from '../../src/observe/log.ts';
import { until } from '../support/until.ts';
import { type Owner, startOwner } from './owner.ts';

/** Milliseconds; what the README promises is 4 s and 2 s on an idle machine. */
const FIRST_START_MS = 8_000;
const LATER_START_MS = 4_000;

let folder: string;
/** A data folder that was started and stopped once: copying it is quicker than making another one. */
let prepared: string;
const owners: Owner[] = [];
const databases: Database[] = [];

beforeAll(async () => {
  prepared = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-prepared-'));
  await close(await open(prepared));
});
afterAll(() => fs.rmSync(prepared, { recursive: true, force: true }));

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-embedded-'));
});

afterEach(async () => {
  await Promise.all(databases.splice(0).map((database) => database.close()));
  await Promise.all(owners.splice(0).map((owner) => owner.kill()));
  fs.rmSync(folder, { recursive: true, force: true });
});

async function open(dataDir = folder, log = silentLog): Promise<Database> {
  const database = await openDatabase({ dataDir, poolSize: 2, log });
  databases.push(database);
  return database;
}

async function owner(): Promise<Owner> {
  const started = await startOwner(folder);
  owners.push(started);
  return started;
}

async function close(database: Database): Promise<void> {
  databases.splice(databases.indexOf(database), 1);
  await database.close();
}

/** As from a backup: the copy of a folder has the usual rights, which are wider than PostgreSQL likes. */
function copyPrepared(): void {
  fs.cpSync(prepared, folder, { recursive: true });
}

const addMark = ({ system }: Database, key: string) =>
  system.insertInto('system_configs').values({ key, value: '1' }).execute();

const marksOf = async ({ kysely }: Database): Promise<string[]> =>
  (await kysely.selectFrom('system_configs').select('key').orderBy('key').execute()).map(({ key }) => key);

/** The PostgreSQL that answers now: one whose process the connection's own is a child of. A dead one's are orphans. */
async function postmasterOf({ kysely }: Database): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(kysely);
  const parent = Number(/^PPid:\s*(\d+)$/m.exec(fs.readFileSync(`/proc/${rows[0]?.pid}/status`, 'utf8'))?.[1]);
  if (!fs.readFileSync(`/proc/${parent}/cmdline`, 'utf8').includes('postgres')) throw new Error('an orphan answered');
  return parent;
}

const lives = (pid: number): boolean => {
  try {
    return !/\) Z/.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

describe('start and stop', () => {
  test('the first start makes it, a later one finds everything again, and stop leaves nothing running', async () => {
    const from = performance.now();
    const first = await open();
    expect(performance.now() - from).toBeLessThan(FIRST_START_MS);
    expect(first.kind).toBe('embedded');
    await first.ping();
    await addMark(first, 'lyon');
    const pid = await postmasterOf(first);
    await close(first);
    expect(lives(pid)).toBe(false);
    expect(fs.readdirSync(folder)).toEqual(['postgres']);

    const again = performance.now();
    const second = await open();
    expect(performance.now() - again).toBeLessThan(LATER_START_MS);
    expect(await marksOf(second)).toEqual(['lyon']);
  });

  test('edits are synced to disk, and there is no TCP port', async () => {
    const { kysely } = await open();
    const { rows } = await sql<{ name: string; setting: string }>`select name, setting from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses') order by name`.execute(
      kysely,
    );
    expect(rows.map(({ setting }) => setting)).toEqual(['on', 'on', '', 'on']);
  });

  test('the data folder may have a long path with spaces and quotes in it', async () => {
    const dataDir = path.join(folder, `a room's "data" ${'a'.repeat(100)}`, 'b c '.repeat(25), '방');
    await addMark(await open(dataDir), 'rome');
    await close(databases[0] as Database);
    expect(await marksOf(await open(dataDir))).toEqual(['rome']);
  });

  test('half of a first start is done again', async () => {
    fs.mkdirSync(path.join(folder, 'postgres.new'));
    fs.writeFileSync(path.join(folder, 'postgres.new', 'PG_VERSION'), '18\n');
    expect(await marksOf(await open())).toEqual([]);
  });

  // Only root can become nobody; for anybody else the case does not exist.
  const asRoot: typeof test | (() => void) = process.getuid?.() === 0 ? test : () => undefined;
  asRoot('where namespaces are forbidden, it runs as nobody', async () => {
    const identity = { prefix: [], ids: { uid: 65534, gid: 65534 } };
    const server = await startEmbedded({ folder: path.join(folder, 'postgres'), durable: false, identity });
    expect(fs.statSync(`/proc/${server.pid}`).uid).toBe(65534);
    await server.stop();
    expect(lives(server.pid)).toBe(false);
  });
});

describe('one folder, one owner', () => {
  beforeEach(copyPrepared);

  test('a second server is told which folder and which process', async () => {
    const first = await owner();
    expect(first.said).toMatch(/^open/);
    await expect(open()).rejects.toThrow(
      `The data folder ${folder} is in use by another Coderoom server (process ${first.child.pid}).`,
    );
    await expect(open()).rejects.toThrow('DATA_DIR');
  });

  test('also in the same process', async () => {
    await open();
    await expect(open()).rejects.toThrow(`process ${process.pid}`);
  });

  test('of four that start at once on the lock of a dead one, exactly one gets it', async () => {
    fs.writeFileSync(path.join(folder, 'server.lock.999999999.1'), 'owner\n');
    const all = await Promise.all([owner(), owner(), owner(), owner()]);
    expect(all.filter(({ postgres }) => postgres !== undefined)).toHaveLength(1);
    expect(all.filter(({ said }) => said.startsWith('refused The data folder'))).toHaveLength(3);
  });

  test('a lock whose process id was given to another process is taken over', async () => {
    fs.writeFileSync(path.join(folder, `server.lock.${process.ppid}.1`), 'owner\n');
    await (await open()).ping();
  });
});

describe('after a kill', () => {
  beforeEach(copyPrepared);

  test('of the server: PostgreSQL ends by itself, the next server has the rows', async () => {
    const first = await owner();
    await first.kill();
    const second = await open();
    expect(await marksOf(second)).toEqual(['seoul']);
    expect(await postmasterOf(second)).not.toBe(first.postgres);
    expect(lives(first.postgres as number)).toBe(false);
  });

  test('of the server, with nobody coming after: nothing is left running', async () => {
    const first = await owner();
    await first.kill();
    await until(() => !lives(first.postgres as number), { what: 'PostgreSQL ends with its server' });
  });

  test('of both', async () => {
    const first = await owner();
    process.kill(first.postgres as number, 'SIGKILL');
    await first.kill();
    expect(await marksOf(await open())).toEqual(['seoul']);
  });

  test('of PostgreSQL: it comes back under the same pool, with the rows', async () => {
    const lines: string[] = [];
    const note = (_fields: object, message: string): void => void lines.push(message);
    const database = await open(folder, { debug: note, info: note, warn: note, error: note });
    await addMark(database, 'cadiz');
    const killed = await postmasterOf(database);
    process.kill(killed, 'SIGKILL');
    // A connection of before may still answer for a moment: only another server's answer counts.
    const another = () =>
      postmasterOf(database).then(
        (pid) => pid !== killed,
        () => false,
      );
    await until(another, { what: 'another PostgreSQL' });
    expect(lines).toContain('the embedded PostgreSQL ended, starting it again');
    expect(await marksOf(database)).toEqual(['cadiz']);
  });

  /** As PostgreSQL left it behind, with another process id. */
  function writePidFile(pid: number): void {
    const lines = [pid, path.join(folder, 'postgres'), 1, 5432, '/tmp', '', '  1  1', 'ready'];
    fs.writeFileSync(path.join(folder, 'postgres/postmaster.pid'), `${lines.join('\n')}\n`);
  }

  test('a postmaster.pid that names somebody else’s process is no obstacle', async () => {
    await close(await open());
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writePidFile(stranger.pid as number);
    await (await open()).ping();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill('SIGKILL');
  });

  test('nor is one that names a dead process that nobody reaps', async () => {
    await close(await open());
    // The second `sleep` inherits the first from the shell and does not know of it.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(parent.stdout, 'data');
    const dead = Number(String(line));
    await until(() => fs.readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n', { what: 'no shell left' });
    process.kill(dead, 'SIGKILL');
    await until(() => !lives(dead), { what: 'it is dead' });
    expect(fs.existsSync(`/proc/${dead}`)).toBe(true);
    writePidFile(dead);
    await (await open()).ping();
    parent.kill('SIGKILL');
  });
});
