// The y-websocket protocol: a WebSocket per document; [0 sync [0 step 1 | 1 step 2 | 2 update]] | [1 awareness].
import { COME_AGAIN_MS, type Connect, type LoadClient } from '../load-client.ts';
import { BINARY, RawWebSocket } from '../raw-websocket.ts';
import { EMPTY_STATE_VECTOR, EMPTY_UPDATE, joinBytes, readBytes, readVarUint, seek, varBytes } from '../yjs-codec.ts';

const SYNC = 0;
const AWARENESS = 1;
/** How an error begins that stands for close code 1013. */
const TRY_AGAIN = 'closed: 1013';

export const connect: Connect = (options) => {
  const { address } = options;
  const send = (kind: readonly number[], body: Uint8Array): void =>
    client.socket.send(BINARY, joinBytes(kind, varBytes(body)));
  let synced = false;

  const sync = (bytes: Buffer): void => {
    const step = readVarUint(bytes);
    const update = readBytes(bytes);
    if (step === 0) return send([SYNC, 1], EMPTY_UPDATE);
    if (step === 2 || synced) return options.onUpdate(client, update);
    synced = true;
    options.onSynced(client, update);
  };

  const ended = (error: Error | undefined): void => {
    if (synced || !error?.message.startsWith(TRY_AGAIN)) return options.onClose(client, error);
    client.retries++;
    setTimeout(() => {
      client.socket = open();
    }, COME_AGAIN_MS);
  };

  const open = (): RawWebSocket =>
    new RawWebSocket({
      port: options.port,
      path: address.path ?? `/${encodeURIComponent(address.room)}`,
      onOpen() {
        if (!options.relay) return send([SYNC, 0], options.stateVector ?? EMPTY_STATE_VECTOR);
        options.onSynced(client, EMPTY_UPDATE);
      },
      onMessage(_kind, bytes) {
        seek(0);
        const type = readVarUint(bytes);
        if (type === SYNC) sync(bytes);
        else if (type === AWARENESS) options.onAwareness(client, readBytes(bytes));
      },
      onClose: ended,
    });
  const client: LoadClient = {
    index: -1,
    retries: 0,
    socket: open(),
    full: undefined,
    sendUpdate: (update) => send([SYNC, 2], update),
    sendAwareness: (update) => send([AWARENESS], update),
  };
  return client;
};
