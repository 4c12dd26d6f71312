// The way of the operator's commands to the database, as its owner: the operator's own one, the embedded one of a server
// that runs, or the embedded one started for the command.
import fs from 'node:fs';
import path from 'node:path';
import { startEmbedded } from './embedded.ts';
import { lockFolder } from './folder-lock.ts';
import { checkReachable, createDatabase, DATABASE } from './open.ts';

export interface ReachOptions {
  /** Left out: the embedded one. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
  /** Whether the embedded one must not be in use by a server. */
  readonly alone: boolean;
  /** Whether the embedded one is made when it is not there. */
  readonly create: boolean;
}

export interface Reached {
  readonly url: string;
  close(): Promise<void>;
}

/** Line of postmaster.pid with the folder of the socket, counted from 0. */
const SOCKET_LINE = 4;

/** @throws Error with a sentence for the operator */
export async function reachDatabase(options: ReachOptions): Promise<Reached> {
  const { databaseUrl, dataDir, alone, create } = options;
  if (databaseUrl !== undefined) {
    await checkReachable(databaseUrl);
    return { url: databaseUrl, close: async () => undefined };
  }
  const folder = path.join(dataDir, 'postgres');
  if (!create && !fs.existsSync(folder)) {
    throw new Error(`There is no database in ${path.resolve(dataDir)}; DATA_DIR or DATABASE_URL say where it is.`);
  }
  try {
    return await startAlone(dataDir, folder);
  } catch (error) {
    const socket = alone ? undefined : socketOf(folder);
    if (socket === undefined) throw error;
    const url = `postgres://postgres@${encodeURIComponent(socket)}/${DATABASE}`;
    await checkReachable(url);
    return { url, close: async () => undefined };
  }
}

async function startAlone(dataDir: string, folder: string): Promise<Reached> {
  const unlock = await lockFolder(dataDir);
  try {
    const server = await startEmbedded({ folder, durable: true });
    const close = async (): Promise<void> => {
      await server.stop();
      unlock();
    };
    try {
      await createDatabase(server.url('postgres'));
      return { url: server.url(DATABASE), close };
    } catch (error) {
      await server.stop();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Where the PostgreSQL of a running server listens. */
function socketOf(folder: string): string | undefined {
  try {
    return fs.readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n')[SOCKET_LINE]?.trim() || undefined;
  } catch {
    return undefined;
  }
}
