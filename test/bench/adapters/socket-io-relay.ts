// A bare Socket.io room: event `join` (room), then `u` and `a` with one Buffer each; there is no sync.
import type { Connect, LoadClient } from '../load-client.ts';
import { PLACEHOLDER, SocketIoWire } from '../socket-io-wire.ts';
import { EMPTY_UPDATE } from '../yjs-codec.ts';

/** Place of the event's name in `51-["u",…`. */
const NAME_AT = 5;

export const connect: Connect = (options) => {
  const wire = new SocketIoWire({
    port: options.port,
    namespace: '/',
    onConnect: () => wire.emit('join', JSON.stringify(options.address.room)),
    onPacket(head, attachment) {
      if (head[NAME_AT] === 'u') options.onUpdate(client, attachment);
      else if (head[NAME_AT] === 'a') options.onAwareness(client, attachment);
      else if (head.startsWith('2["joined"')) options.onSynced(client, EMPTY_UPDATE);
    },
    onClose: (error) => options.onClose(client, error),
  });
  const client: LoadClient = {
    index: -1,
    retries: 0,
    socket: wire.socket,
    full: undefined,
    sendUpdate: (attachment) => wire.emitBinary('u', PLACEHOLDER, { attachment }),
    sendAwareness: (attachment) => wire.emitBinary('a', PLACEHOLDER, { attachment }),
  };
  return client;
};
