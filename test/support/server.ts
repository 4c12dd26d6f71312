// The real server, in this process, on a database of its own and a free port.
import { fileURLToPath } from 'node:url';
import { type Config, readConfig } from '../../src/config.ts';
import { type Log, silentLog } from '../../src/observe/log.ts';
import { openServer, type Server } from '../../src/server.ts';
import { freshDatabase, type TestDatabase } from './db.ts';

/** The snapshot of Python takes seconds to make: it is kept from one test run to the next. */
export const SNAPSHOTS = fileURLToPath(new URL('../../node_modules/.cache/coderoom', import.meta.url));

export interface TestServer {
  readonly url: string;
  readonly database: TestDatabase;
  /** Stops the server, keeps the database, and starts another one on it, at the same port. */
  restart(): Promise<void>;
  /** @returns whether everything was saved */
  stop(): Promise<boolean>;
}

/** What tests seal with where they do not say otherwise. */
export const TEST_KEYS = `1:${Buffer.alloc(32, 7).toString('base64')}`;

/**
 * Starts a server.
 * @param settings environment variables, over defaults that suit tests: no rate limits, no warm sandboxes, keys
 */
export async function startServer(settings: Record<string, string> = {}, log: Log = silentLog): Promise<TestServer> {
  const database = await freshDatabase();
  const environment = {
    RATE_LIMIT_FACTOR: '0',
    SANDBOX_WARM: '0',
    CACHE_DIR: SNAPSHOTS,
    DATABASE_URL: database.url,
    SECRET_KEYS: TEST_KEYS,
    ...settings,
  };
  const open = async (port: number): Promise<[Server, string]> => {
    const config: Config = readConfig({ PORT: String(port), ...environment });
    const server = await openServer(config, log);
    return [server, await server.listen()];
  };
  let [server, url] = await open(0);
  return {
    get url() {
      return url;
    },
    database,
    async restart() {
      await server.close();
      [server, url] = await open(Number(new URL(url).port));
    },
    async stop() {
      const saved = await server.close();
      await database.drop();
      return saved;
    },
  };
}
