// The server is its own first visitor: whoever comes right after a start would otherwise wait for code that is read for
// the first time. It knocks at its doors for people without a valid token, as anybody can, and is sent away.
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import type { Log } from '../observe/log.ts';
import { SYNC_PREFIX } from './sync-address.ts';

/** A second time what was read is quicker still; beyond it a start takes longer than anybody gains. */
const VISITS = 2;
/** Milliseconds for one of them. */
const PATIENCE_MS = 1_000;

/** Where somebody is found who listens everywhere. */
const HERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };

const TOKEN = 'nobody';
/** What Socket.io's protocol (version 5, over engine.io 4) begins with: `open` comes, `connect` goes. */
const CONNECT = `40${JSON.stringify({ token: TOKEN })}`;
const DOORS = [
  { path: '/socket.io/?EIO=4&transport=websocket', greeting: CONNECT },
  { path: `${SYNC_PREFIX}NONE-NONE/none?token=${TOKEN}`, greeting: undefined },
] as const;

/** Comes and goes. Never throws: a door that it does not get through is told, and no reason not to open. */
export async function visitFirst(http: HttpServer, log: Log): Promise<void> {
  const { address, port } = http.address() as AddressInfo;
  const host = HERE[address] ?? (address.includes(':') ? `[${address}]` : address);
  try {
    for (let visit = 0; visit < VISITS; visit++) {
      for (const { path, greeting } of DOORS) await knock(`ws://${host}:${port}${path}`, greeting);
    }
  } catch (error) {
    log.warn({ err: error }, 'the server could not visit itself');
  }
}

/** Resolves when it has gone, or was sent away. @throws Error when nobody answers in time */
function knock(url: string, greeting: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    let answers = 0;
    const late = setTimeout(() => {
      reject(new Error('nobody answered'));
      socket.terminate();
    }, PATIENCE_MS);
    socket.on('message', () => {
      if (greeting === undefined) return;
      if (++answers === 1) socket.send(greeting);
      else socket.close();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}
