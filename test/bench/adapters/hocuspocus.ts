// Hocuspocus: a WebSocket at /, every message begins with the document's name; then 0 sync, 1 awareness, 2 auth,
// 3 query awareness, 4 sync reply, 8 sync status.
import type { Connect, LoadClient } from '../load-client.ts';
import { BINARY, RawWebSocket } from '../raw-websocket.ts';
import {
  EMPTY_STATE_VECTOR,
  EMPTY_UPDATE,
  joinBytes,
  readBytes,
  readVarUint,
  seek,
  varBytes,
  varString,
} from '../yjs-codec.ts';

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const SYNC_REPLY = 4;
/** What the stock provider of this version sends with its token. */
const PROVIDER_VERSION = '4.7.0';

export const connect: Connect = (options) => {
  const name = varString(options.address.room);
  const send = (kind: readonly number[], ...body: Uint8Array[]): void =>
    socket.send(BINARY, joinBytes(name, kind, ...body));
  let synced = false;

  const sync = (bytes: Buffer): void => {
    const step = readVarUint(bytes);
    const update = readBytes(bytes);
    if (step === 0) return send([SYNC, 1], varBytes(EMPTY_UPDATE));
    if (step === 2 || synced) return options.onUpdate(client, update);
    synced = true;
    options.onSynced(client, update);
  };

  const socket = new RawWebSocket({
    port: options.port,
    path: '/',
    onOpen: () => send([AUTH, 0], varString('token'), varString(PROVIDER_VERSION)),
    onMessage(_kind, bytes) {
      seek(name.length);
      const type = readVarUint(bytes);
      if (type === SYNC || type === SYNC_REPLY) return sync(bytes);
      if (type === AUTH) return send([SYNC, 0], varBytes(options.stateVector ?? EMPTY_STATE_VECTOR));
      if (type === AWARENESS) options.onAwareness(client, readBytes(bytes));
    },
    onClose: (error) => options.onClose(client, error),
  });
  const client: LoadClient = {
    index: -1,
    retries: 0,
    socket,
    full: undefined,
    sendUpdate: (update) => send([SYNC, 2], varBytes(update)),
    sendAwareness: (update) => send([AWARENESS], varBytes(update)),
  };
  return client;
};
