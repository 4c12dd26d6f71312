// The wiring: the only place where parts are put together. Read this first.
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connections } from './cluster/connections.ts';
import { memoryRateLimit } from './cluster/rate-limit.ts';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/open.ts';
import { systemClock } from './documents/clock.ts';
import { Documents } from './documents/hub.ts';
import { SqlUpdateLog } from './documents/sql-update-log.ts';
import { SqlVersions } from './documents/sql-versions.ts';
import { openExecution } from './execution/execution.ts';
import { fileHandlers } from './features/files.ts';
import { identityHandlers, tokenAuthenticator } from './features/identity.ts';
import { releaseAllSeats, releaseSeat, roomHandlers } from './features/rooms.ts';
import { Runs } from './features/runs/runs.ts';
import { documentRights } from './kernel/document-rights.ts';
import { registerHandlers } from './kernel/registry.ts';
import { Kernel } from './kernel/run.ts';
import type { Log } from './observe/log.ts';
import { openMetrics } from './observe/metrics.ts';
import { serveDocs } from './transport/docs.ts';
import { openHttp, serveHttp } from './transport/http.ts';
import { TRANSPORT } from './transport/limits.ts';
import { addressReader } from './transport/origin.ts';
import { servePages } from './transport/pages.ts';
import { openSocketServer, serveSockets, socketPublisher } from './transport/sockets.ts';
import { serveSync } from './transport/sync.ts';

export interface Server {
  /** Starts to take connections. @returns the address to open */
  listen(): Promise<string>;
  /** Drains and stops. @returns whether everything was saved */
  close(): Promise<boolean>;
}

/**
 * Puts a server together: database open and migrated, nothing listening yet.
 * @throws Error with a sentence for the operator when it cannot start
 */
export async function openServer(config: Config, log: Log): Promise<Server> {
  const database = await openDatabase({
    databaseUrl: config.DATABASE_URL,
    dataDir: config.DATA_DIR,
    poolSize: config.DATABASE_POOL,
    log,
  });
  try {
    return await wire(config, log, database);
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function wire(config: Config, log: Log, database: Database): Promise<Server> {
  const db = database.kysely;
  const app = openHttp(config.TRUST_PROXY);
  const io = openSocketServer(app.server, config.ALLOWED_ORIGINS);
  const publisher = socketPublisher(io);
  const metrics = openMetrics();
  const connections = new Connections();
  const rateLimit = memoryRateLimit(config.RATE_LIMIT_FACTOR);
  const authenticator = tokenAuthenticator(db);
  const documents = new Documents({
    log: new SqlUpdateLog(db, log),
    versions: new SqlVersions(db),
    clock: systemClock,
    logger: log,
  });
  const engine = openExecution({ log, oneShot: config.SANDBOX_ONE_SHOT, pool: { warm: config.SANDBOX_WARM } });
  const languageOf = (path: string): string | null =>
    engine.languages().find(({ extensions }) => extensions.some((ending) => path.endsWith(ending)))?.id ?? null;
  const runs = new Runs({ db, engine, documents, publisher, log, languageOf });
  const rooms = {
    connections,
    documents,
    publisher,
    rateLimit,
    cancelRuns: (roomId: string) => runs.cancelRoom(roomId),
  };
  const kernel = new Kernel({
    db,
    publisher,
    rateLimit,
    log,
    handlers: registerHandlers([
      identityHandlers,
      roomHandlers(rooms),
      fileHandlers({ documents, languageOf }),
      runs.handlers(),
    ]),
    observe: metrics.command,
  });
  let draining = false;
  const readiness = async () => {
    if (draining) return { ready: false, reason: 'draining' } as const;
    return database.ping().then(
      () => ({ ready: true }) as const,
      (error: unknown) => {
        log.warn({ err: error }, 'the database does not answer');
        return { ready: false, reason: 'the database does not answer' } as const;
      },
    );
  };
  const onVacant = (roomId: string, userId: string): void => {
    releaseSeat(db, rooms, { roomId, userId }).catch((error: unknown) =>
      log.warn({ err: error, roomId, userId }, 'a seat could not be released'),
    );
  };
  const origins = config.ALLOWED_ORIGINS;
  const addressOf = addressReader(config.TRUST_PROXY);
  const shared = {
    rights: documentRights(db),
    kernel,
    documents,
    authenticator,
    connections,
    log,
    origins,
    onVacant,
    addressOf,
  };

  await releaseAllSeats(db);
  await runs.failAbandoned();
  serveHttp(app, { kernel, authenticator, metrics, log, readiness, origins });
  await serveDocs(app);
  await servePages(app);
  serveSockets(io, shared);
  const closeSync = serveSync(app.server, shared);
  metrics.gauges(
    () => ({ ...documents.stats(), rooms: connections.roomCount, connections: io.engine.clientsCount }),
    GAUGES,
  );

  return {
    async listen() {
      await app.listen({ host: config.HOST, port: config.PORT });
      const { address, port } = app.server.address() as AddressInfo;
      const host = address.includes(':') ? `[${address}]` : address;
      return `http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${port}`;
    },
    async close() {
      draining = true;
      io.emit('server.draining', { reconnectAfterMs: TRANSPORT.reconnectAfterMs });
      await delay(TRANSPORT.drainGraceMs);
      const saved = await documents.drain();
      await engine.close();
      await runs.settled();
      closeSync();
      await io.close();
      await app.close();
      await database.close();
      return saved;
    },
  };
}

const GAUGES = {
  documents: 'Documents in memory.',
  links: 'Documents open at clients.',
  cursors: 'Cursors shown.',
  bytes: 'Bytes of documents in memory.',
  unsaved: 'Documents with edits that are not committed.',
  backlogBytes: 'Bytes of edits that are not committed.',
  rooms: 'Rooms with somebody in them.',
  connections: 'Socket.io connections.',
};
