// The limit of plain Socket.io: each Buffer goes to the others in the room.
import http from 'node:http';
import { port, ready, required } from './peer-process.ts';

const { Server } = required('socket.io');
const server = http.createServer();
const options = { serveClient: false, perMessageDeflate: false, transports: ['websocket'], maxHttpBufferSize: 1e8 };
new Server(server, options).on('connection', (socket: any) => {
  let joined = '';
  socket.on('join', (room: string) => {
    joined = room;
    socket.join(room);
    socket.emit('joined');
  });
  socket.on('u', (bytes: Buffer) => socket.to(joined).emit('u', bytes));
  socket.on('a', (bytes: Buffer) => socket.to(joined).emit('a', bytes));
});
server.listen(port, '127.0.0.1', ready);
