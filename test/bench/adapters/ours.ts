// Coderoom over Socket.io, as the SDK does it: `room.join` and `doc.open` at once, then `doc.update`, whose answer says
// that the edit is committed. Updates are numbered from 0 and the number is the id of the answer.
import { COME_AGAIN_MS, type Connect, type LoadClient } from '../load-client.ts';
import { PLACEHOLDER, SocketIoWire } from '../socket-io-wire.ts';

/** Ids of the answers to joining and opening, out of the way of the updates' numbers. */
const JOIN = '1000000000';
const OPEN = '1000000001';
/** Socket.io packet type of an answer. */
const ANSWER = '3';
/** Place of the first letter that tells `51-["doc.update",…` from `51-["doc.awareness",…`. */
const EVENT_AT = 9;

export const connect: Connect = (options) => {
  const { fileId, roomCode, token } = options.address;
  const withUpdate = `{"fileId":"${fileId}","update":${PLACEHOLDER}}`;
  let updates = 0;

  const joinRoom = (): void => wire.emit('room.join', JSON.stringify({ roomCode }), JOIN);

  const open = (): void => {
    const attachment = options.stateVector;
    if (!attachment) return wire.emit('doc.open', JSON.stringify({ fileId }), OPEN);
    wire.emitBinary('doc.open', `{"fileId":"${fileId}","stateVector":${PLACEHOLDER}}`, { attachment, answer: OPEN });
  };

  const refused = (id: string, answer: string): void => {
    if (!answer.includes('"unavailable"')) throw new Error(`call ${id} was refused: ${answer}`);
    client.retries++;
    setTimeout(id === JOIN ? joinRoom : open, COME_AGAIN_MS);
  };

  const answered = (head: string): void => {
    const from = head.indexOf('[');
    const id = head.slice(1, from);
    if (!head.startsWith('{"ok":true', from + 1)) return refused(id, head.slice(from));
    if (id !== JOIN && id !== OPEN) options.onStored?.(client, Number(id));
  };

  const wire = new SocketIoWire({
    port: options.port,
    namespace: '/',
    auth: { token },
    onConnect: () => {
      joinRoom();
      open();
    },
    onPacket(head, attachment) {
      if (head.startsWith('51-["doc.')) {
        if (head[EVENT_AT] === 'u') options.onUpdate(client, attachment);
        else options.onAwareness(client, attachment);
      } else if (head.startsWith(ANSWER)) answered(head);
      else if (head.startsWith('2["doc.closed"')) options.onClose(client, new Error(head));
    },
    // Only `doc.open` has several: the update, the state vector, the awareness.
    onPacketOfMany: (_head, [update]) => options.onSynced(client, update as Buffer),
    onClose: (error) => options.onClose(client, error),
  });
  const client: LoadClient = {
    index: -1,
    retries: 0,
    socket: wire.socket,
    full: undefined,
    sendUpdate: (attachment) => wire.emitBinary('doc.update', withUpdate, { attachment, answer: String(updates++) }),
    sendAwareness: (attachment) => wire.emitBinary('doc.awareness', withUpdate, { attachment }),
  };
  return client;
};
