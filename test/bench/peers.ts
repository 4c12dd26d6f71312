// The servers that are measured, and setting the foreign ones up: pinned versions, each in a folder of its own under
// .peers, which is not committed.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Connect } from './load-client.ts';
import { ownSite, type PrepareSite, syncSite } from './site.ts';

export interface Peer {
  readonly name: string;
  /** Start script in servers/. */
  readonly server: string;
  /** Protocol in adapters/. */
  readonly adapter: string;
  /** The peer's packages; undefined for this project's own. */
  readonly packages?: keyof typeof PACKAGES;
  /** It only passes messages on. */
  readonly relay?: boolean;
  /** It gets the PostgreSQL and keeps documents in it. */
  readonly stored?: boolean;
  /** What has to be there before a client may come; names of rooms are enough when left out. */
  readonly prepare?: PrepareSite;
}

const HERE = import.meta.dirname;
export const PEERS_FOLDER = path.join(HERE, '.peers');

/** Exact versions, so that a table can be compared with an earlier one. */
export const PACKAGES = {
  hocuspocus: {
    '@hocuspocus/server': '4.7.0',
    '@hocuspocus/extension-database': '4.7.0',
    yjs: '13.6.33',
    'y-protocols': '1.0.7',
    pg: '8.23.1',
    ws: '8.23.0',
  },
  // 0.1.5 does not start as published: it imports @y/y, which it does not depend on in a version that can be resolved.
  'y-websocket': { '@y/websocket-server': '0.1.1', yjs: '13.6.33', ws: '6.2.3' },
  quickjs: { 'quickjs-emscripten': '0.32.0' },
  'y-socketio': { 'y-socket.io': '1.1.3', yjs: '13.6.33', 'socket.io': '4.8.4', 'y-protocols': '1.0.7' },
} as const;

const ALL: readonly Peer[] = [
  { name: 'hocuspocus', server: 'hocuspocus', adapter: 'hocuspocus', packages: 'hocuspocus' },
  { name: 'hocuspocus-pg', server: 'hocuspocus', adapter: 'hocuspocus', packages: 'hocuspocus', stored: true },
  { name: 'ours', server: 'ours', adapter: 'ours', stored: true, prepare: ownSite },
  { name: 'ours-yws', server: 'ours', adapter: 'y-websocket', stored: true, prepare: syncSite },
  { name: 'y-websocket', server: 'y-websocket', adapter: 'y-websocket', packages: 'y-websocket' },
  { name: 'y-socketio', server: 'y-socketio', adapter: 'y-socketio', packages: 'y-socketio' },
  { name: 'ws-relay', server: 'ws-relay', adapter: 'y-websocket', packages: 'hocuspocus', relay: true },
  {
    name: 'socket-io-relay',
    server: 'socket-io-relay',
    adapter: 'socket-io-relay',
    packages: 'y-socketio',
    relay: true,
  },
];

export const peers: ReadonlyMap<string, Peer> = new Map(ALL.map((peer) => [peer.name, peer]));

export async function connectOf(peer: Peer): Promise<Connect> {
  const module = (await import(path.join(HERE, 'adapters', `${peer.adapter}.ts`))) as { connect: Connect };
  return module.connect;
}

export const scriptOf = (peer: Peer): string => path.join(HERE, 'servers', `${peer.server}.ts`);

export const folderOf = (peer: Peer): string => (peer.packages ? path.join(PEERS_FOLDER, peer.packages) : HERE);

/** Installs what a peer needs, unless it is there in these versions. */
export function setUp(peer: Peer): void {
  if (!peer.packages) return;
  const folder = folderOf(peer);
  const manifest = `${JSON.stringify({ private: true, dependencies: PACKAGES[peer.packages] }, null, 2)}\n`;
  // Written last, when everything is there.
  const done = path.join(folder, '.installed');
  if (fs.existsSync(done) && fs.readFileSync(done, 'utf8') === manifest) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), manifest);
  process.stderr.write(`installing ${peer.packages} …\n`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--omit=dev'], { cwd: folder, stdio: ['ignore', 2, 2] });
  fs.writeFileSync(done, manifest);
}
