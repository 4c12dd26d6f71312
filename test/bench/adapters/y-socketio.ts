// y-socket.io: a namespace /yjs|ROOM per document; events sync-step-1 (answered with an update), sync-update and
// awareness-update, each with one attachment.
import type { Connect, LoadClient } from '../load-client.ts';
import { PLACEHOLDER, SocketIoWire } from '../socket-io-wire.ts';
import { EMPTY_STATE_VECTOR, EMPTY_UPDATE } from '../yjs-codec.ts';

/** Id of the one answer that is waited for. */
const STEP_1 = '7';

export const connect: Connect = (options) => {
  const namespace = `/yjs|${options.address.room}`;
  const event = `51-${namespace},`;
  const answer = `61-${namespace},${STEP_1}[`;
  let synced = false;
  const wire = new SocketIoWire({
    port: options.port,
    namespace,
    // The server's own sync-step-1 says that its listeners are in place.
    onConnect: () => undefined,
    onPacket(head, attachment) {
      if (head.startsWith(`${event}["sync-update"`)) return options.onUpdate(client, attachment);
      if (head.startsWith(`${event}["awareness-update"`)) return options.onAwareness(client, attachment);
      if (head.startsWith(answer) && !synced) {
        synced = true;
        return options.onSynced(client, attachment);
      }
      const asked = /^(\d+)\["sync-step-1"/.exec(head.slice(event.length))?.[1];
      if (asked === undefined) return;
      wire.answer(asked, EMPTY_UPDATE);
      const stateVector = options.stateVector ?? EMPTY_STATE_VECTOR;
      wire.emitBinary('sync-step-1', PLACEHOLDER, { attachment: stateVector, answer: STEP_1 });
    },
    onClose: (error) => options.onClose(client, error),
  });
  const client: LoadClient = {
    index: -1,
    retries: 0,
    socket: wire.socket,
    full: undefined,
    sendUpdate: (attachment) => wire.emitBinary('sync-update', PLACEHOLDER, { attachment }),
    sendAwareness: (attachment) => wire.emitBinary('awareness-update', PLACEHOLDER, { attachment }),
  };
  return client;
};
