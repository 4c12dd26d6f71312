// The limit of one write per receiver: each binary message goes to the room's other sockets, unread.
import { port, ready, required } from './peer-process.ts';

const rooms = new Map<string, Set<any>>();
const server = new (required('ws').WebSocketServer)({ port, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket: any, { url }: { url: string }) => {
  const members = rooms.get(url) ?? new Set();
  rooms.set(url, members.add(socket));
  socket.on('message', (bytes: Buffer) => {
    for (const member of members) if (member !== socket) member.send(bytes, { binary: true });
  });
  socket.on('close', () => {
    members.delete(socket);
    if (members.size === 0) rooms.delete(url);
  });
  socket.on('error', () => undefined);
});
server.on('listening', ready);
