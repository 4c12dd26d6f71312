// What a scenario works with: the peer, its server, a database of this run's own, and the options.
import type { RunDatabase } from './database.ts';
import { Load, type LoadTarget } from './load.ts';
import type { Connect } from './load-client.ts';
import type { Options } from './options.ts';
import type { Peer } from './peers.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { namedSite, type Site, type SiteRequest } from './site.ts';

export interface Stand {
  readonly peer: Peer;
  readonly connect: Connect;
  readonly options: Options;
  readonly database: RunDatabase;
  readonly serverCpu: number;
  start(): Promise<ServerProcess>;
  load(server: ServerProcess, size: number): Load;
  /** Makes what clients need before they come. */
  site(request: SiteRequest): Promise<Site>;
}

/** Gives a figure for every name; `error` instead when it failed. */
export type Scenario = (stand: Stand) => Promise<object>;

export interface StandParts {
  readonly peer: Peer;
  readonly connect: Connect;
  readonly options: Options;
  readonly database: RunDatabase;
}

export function openStand({ peer, connect, options, database }: StandParts): Stand {
  const serverCpu = options.number('servercpu', 0);
  const targetOf = ({ port }: ServerProcess): LoadTarget => ({ connect, port, relay: peer.relay ?? false });
  return {
    peer,
    connect,
    options,
    database,
    serverCpu,
    start: () => startServer({ peer, cpu: serverCpu, databaseUrl: database.url }),
    load: (server, size) => new Load(targetOf(server), size),
    site: peer.prepare ?? namedSite,
  };
}
