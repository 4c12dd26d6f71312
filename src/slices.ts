// The commands, put together: every slice with what it is given.
import type { Connections } from './cluster/connections.ts';
import type { RateLimit } from './cluster/rate-limit.ts';
import type { Database } from './db/open.ts';
import type { Secrets } from './db/secrets.ts';
import type { Documents } from './documents/hub.ts';
import type { VersionStore } from './documents/versions.ts';
import type { Execution } from './execution/execution.ts';
import { administrationHandlers } from './features/administration.ts';
import { restoringHandlers } from './features/files/restoring.ts';
import { fileHandlers } from './features/files.ts';
import { exportTickets } from './features/identity/export-tickets.ts';
import { exportOwnData, type OwnDataPorts, ownDataHandlers } from './features/identity/own-data.ts';
import { phoneHandlers } from './features/identity/phones.ts';
import { identityHandlers } from './features/identity.ts';
import { passOnRooms } from './features/rooms/ownership.ts';
import { moved } from './features/rooms/regrant.ts';
import { Vacancies } from './features/rooms/seats.ts';
import { roomHandlers } from './features/rooms.ts';
import { Runs } from './features/runs/runs.ts';
import type { Publisher, Revocations } from './kernel/context.ts';
import { registerHandlers } from './kernel/registry.ts';
import type { Mail } from './mail/mail.ts';
import type { Sms } from './mail/sms.ts';
import type { Log } from './observe/log.ts';
import type { ExportPorts } from './transport/exports.ts';

export interface SlicePorts {
  readonly database: Database;
  readonly log: Log;
  readonly connections: Connections;
  readonly documents: Documents;
  readonly versions: VersionStore;
  readonly engine: Execution;
  readonly publisher: Publisher;
  readonly rateLimit: RateLimit;
  readonly revocations: Revocations;
  readonly secrets: Secrets;
  readonly mail: Mail;
  readonly sms: Sms;
  /** Where people reach the server. */
  readonly publicUrl: string;
}

/** Opens the slices. @returns all handlers, and the parts that live on beside them */
export function openSlices(given: SlicePorts) {
  const { database, log, connections, documents, engine, publisher, secrets } = given;
  const { kysely: db, system, lookUp } = database;
  const languageOf = (path: string): string | null =>
    engine.languages().find(({ extensions }) => extensions.some((ending) => path.endsWith(ending)))?.id ?? null;
  const runs = new Runs({ db, engine, documents, publisher, log, languageOf, secrets, lookUp });
  const vacancies = new Vacancies({ db, connections, publisher, log });
  const people = { ...given, system };
  const rooms = { ...given, cancelRuns: (roomId: string) => runs.cancelRoom(roomId) };
  const tickets = exportTickets(secrets);
  const passOn: OwnDataPorts['passOnRooms'] = (context, userId) => passOnRooms(rooms, context, userId);
  const handlers = registerHandlers([
    identityHandlers(people),
    phoneHandlers(people),
    ownDataHandlers({ ...people, tickets, passOnRooms: passOn }),
    roomHandlers(rooms),
    fileHandlers({ documents, languageOf, moved: (context, file) => moved(rooms, context, file) }),
    restoringHandlers({ documents, versions: given.versions }),
    runs.handlers(),
    administrationHandlers(given),
  ]);
  const exportTo: ExportPorts['exportTo'] = (userId, write) => exportOwnData({ system, secrets }, userId, write);
  return { handlers, foresight: runs.foresight(), runs, vacancies, downloads: { tickets, exportTo } };
}
