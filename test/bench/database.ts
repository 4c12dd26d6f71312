// The PostgreSQL of the bench: the project's embedded one with fsync on, for ours and for the peers alike. Whoever starts
// it is kept on the CPU of the load, and PostgreSQL with it. Every run has a database of its own in it.
import path from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../src/db/embedded.ts';
import { lockFolder } from '../../src/db/folder-lock.ts';
import { PEERS_FOLDER } from './peers.ts';

export interface Postgres {
  /** URL of its database `postgres`. */
  readonly url: string;
  /** Process id of the postmaster. */
  readonly pid: number;
  readonly version: string;
  stop(): Promise<void>;
}

export interface RunDatabase {
  readonly url: string;
  readonly pid: number;
  drop(): Promise<void>;
}

/** Starts PostgreSQL; one bench at a time has it. */
export async function startPostgres(): Promise<Postgres> {
  const folder = path.join(PEERS_FOLDER, 'postgres');
  const unlock = await lockFolder(folder);
  try {
    const server = await startEmbedded({ folder: path.join(folder, 'cluster'), durable: true });
    const url = server.url('postgres');
    const stop = async (): Promise<void> => {
      await server.stop();
      unlock();
    };
    const [row] = await query(url, 'show server_version');
    return { url, pid: server.pid, version: String(row?.['server_version']), stop };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Makes an empty database for one run. */
export async function makeDatabase(postgres: { url: string; pid: number }): Promise<RunDatabase> {
  const name = `bench_${process.pid}_${Date.now()}`;
  await query(postgres.url, `create database ${name}`);
  return {
    url: postgres.url.replace(/\/postgres$/, `/${name}`),
    pid: postgres.pid,
    drop: async () => void (await query(postgres.url, `drop database if exists ${name} with (force)`)),
  };
}

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } finally {
    await client.end();
  }
}
