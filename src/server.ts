// The wiring: the only place where parts are put together. Read this first.
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Connections } from './cluster/connections.ts';
import { type Limits, openLimits } from './cluster/limits.ts';
import { SignIns } from './cluster/sign-ins.ts';
import { type Config, engineSettings, mailSettings, publicUrl, smsSettings } from './config.ts';
import { auditTasks } from './db/audit-chain.ts';
import { type Database, openDatabase } from './db/open.ts';
import { resealTask } from './db/reseal.ts';
import { retentionTasks } from './db/retention.ts';
import { openSecrets } from './db/secrets.ts';
import { statisticsTask } from './db/statistics.ts';
import { Upkeep } from './db/upkeep.ts';
import { systemClock } from './documents/clock.ts';
import { Documents } from './documents/hub.ts';
import { LIMITS } from './documents/limits.ts';
import { threadMerger } from './documents/merger.ts';
import { SqlUpdateLog } from './documents/sql-update-log.ts';
import { SqlVersions } from './documents/sql-versions.ts';
import { engineGauges, engineHealth, sandboxSeries } from './execution/engine-gauges.ts';
import { openExecution } from './execution/execution.ts';
import { watchSignIns } from './features/identity/sign-in-watch.ts';
import { tokenAuthenticator } from './features/identity.ts';
import { releaseAllSeats } from './features/rooms/seats.ts';
import { isolationNotes } from './features/runs/security-log.ts';
import { authorizer } from './kernel/access.ts';
import { documentRights } from './kernel/document-rights.ts';
import { countedFacts } from './kernel/facts.ts';
import { Kernel, type KernelPorts } from './kernel/run.ts';
import { SecurityLog } from './kernel/security-log.ts';
import { openMail } from './mail/mail.ts';
import { openSms } from './mail/sms.ts';
import { GAUGES, SANDBOX_GAUGES } from './observe/gauges.ts';
import { Health, Readiness } from './observe/health.ts';
import type { Log } from './observe/log.ts';
import { openMetrics } from './observe/metrics.ts';
import { openSlices } from './slices.ts';
import { serveDocs } from './transport/docs.ts';
import { serveExports } from './transport/exports.ts';
import { listenHttp, openHttp, serveHttp } from './transport/http.ts';
import { TRANSPORT } from './transport/limits.ts';
import { addressReader } from './transport/origin.ts';
import { servePages } from './transport/pages.ts';
import { socketPublisher } from './transport/socket-publisher.ts';
import { openSocketServer, serveSockets } from './transport/sockets.ts';
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
    const limits = await openLimits({ url: config.REDIS_URL, factor: config.RATE_LIMIT_FACTOR, log });
    return await serve(assemble({ config, log, database, limits }));
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Ground {
  readonly config: Config;
  readonly log: Log;
  readonly database: Database;
  readonly limits: Limits;
}

type Parts = ReturnType<typeof assemble>;

/** Every part, by hand, from the lower ranks to the higher; nothing runs yet but the engines. */
function assemble(ground: Ground) {
  const { config, log, database } = ground;
  const db = database.kysely;
  const app = openHttp(config.TRUST_PROXY);
  const io = openSocketServer(app.server, config.ALLOWED_ORIGINS);
  const publisher = socketPublisher(io);
  const connections = new Connections();
  const signIns = new SignIns();
  const { rateLimit } = ground.limits;
  const metrics = openMetrics();
  const merger = threadMerger();
  const updateLog = new SqlUpdateLog({ db, straight: database.straight, logger: log, merger });
  const versions = new SqlVersions(db);
  const documents = new Documents({ log: updateLog, versions, clock: systemClock, merger, logger: log });
  const engine = openExecution({ log, ...engineSettings(config), onIsolation: isolationNotes(database.system, log) });
  const folder = database.kind === 'embedded' ? config.DATA_DIR : undefined;
  const secrets = openSecrets({ keys: config.SECRET_KEYS, folder });
  database.names.use(secrets);
  const mail = openMail({ ...mailSettings(config), log });
  const sms = openSms({ ...smsSettings(config), log });
  const live = { connections, documents, versions, engine, publisher, rateLimit, revocations: signIns };
  const slices = openSlices({ database, log, ...live, secrets, mail, sms, publicUrl: publicUrl(config) });
  const security = new SecurityLog(database.system, log);
  const observe: KernelPorts['observe'] = (name, code, seconds) => metrics.command(name, code, seconds);
  const authorize = authorizer(database.lookUp);
  const kernel = new Kernel({ ...slices, db, authorize, publisher, rateLimit, log, security, observe });
  const authenticator = tokenAuthenticator(database);
  const records = [...auditTasks(log), statisticsTask(countedFacts())];
  const tasks = [...retentionTasks(LIMITS), ...records, resealTask(secrets, log)];
  const upkeep = new Upkeep({ db: database.system, tasks, node: `${os.hostname()}:${process.pid}`, log });
  return {
    ...ground,
    mail,
    sms,
    db,
    app,
    io,
    metrics,
    connections,
    signIns,
    merger,
    documents,
    engine,
    ...slices,
    kernel,
    security,
    authorize,
    authenticator,
    upkeep,
  };
}

/** Puts the parts on the wire. */
async function serve(parts: Parts): Promise<Server> {
  const { config, log, database, app, io, metrics, connections, documents, kernel, authenticator, upkeep } = parts;
  const origins = config.ALLOWED_ORIGINS;
  const readiness = new Readiness(database, log);
  const onVacant = (roomId: string, userId: string): void => parts.vacancies.add(roomId, userId);
  const onOpened = (path: string): void => parts.engine.expect(path);
  const rights = documentRights(parts.authorize, database.lookUp);
  const shared = { ...parts, rights, origins, onVacant, onOpened, addressOf: addressReader(config.TRUST_PROXY) };

  await releaseAllSeats(parts.db);
  await parts.runs.failAbandoned();
  const health = new Health(readiness, {
    database: () => ({ kind: database.kind, role: database.role }),
    upkeep: () => upkeep.state(),
    sandbox: () => engineHealth(parts.engine),
    redis: () => parts.limits.redis(),
    sms: () => parts.sms.stats(),
  });
  const states = { readiness: () => readiness.state(), health: () => health.state() };
  serveHttp(app, { kernel, authenticator, metrics, log, origins, ...states });
  serveExports(app, { ...parts.downloads, log });
  await serveDocs(app);
  await servePages(app);
  serveSockets(io, shared);
  const closeSync = serveSync(app.server, shared);
  upkeep.start();
  const stopWatching = watchSignIns({ ...database, signIns: parts.signIns, log });
  const counts = () => ({ rooms: connections.roomCount, connections: io.engine.clientsCount, ...parts.sms.stats() });
  metrics.gauges(() => ({ ...documents.stats(), ...counts(), ...engineGauges(parts.engine) }), GAUGES);
  metrics.series(sandboxSeries(parts.engine), SANDBOX_GAUGES);
  return {
    listen: () => listenHttp(app, { host: config.HOST, port: config.PORT, log }),
    close: () => {
      readiness.drain();
      return close(parts, { closeSync, stopWatching });
    },
  };
}

/** Tells everybody, takes what is on its way, saves, and lets go in the order opposite to how it was put together. */
async function close(
  { io, documents, vacancies, merger, engine, runs, upkeep, security, app, mail, sms, limits, database }: Parts,
  { closeSync, stopWatching }: { closeSync: () => void; stopWatching: () => Promise<void> },
): Promise<boolean> {
  io.emit('server.draining', { reconnectAfterMs: TRANSPORT.reconnectAfterMs });
  await delay(TRANSPORT.drainGraceMs);
  const saved = await documents.drain();
  vacancies.close();
  await merger.close();
  await engine.close();
  await runs.settled();
  await upkeep.close();
  await stopWatching();
  closeSync();
  await io.close();
  await app.close();
  await security.close();
  await Promise.all([mail.settled(), sms.settled()]);
  limits.close();
  await database.close();
  return saved;
}
