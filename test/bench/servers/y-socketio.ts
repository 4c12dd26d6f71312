// y-socket.io on an ordinary Socket.io server, without a store.
import http from 'node:http';
import { port, ready, required } from './peer-process.ts';

const { Server } = required('socket.io');
const { YSocketIO } = required('y-socket.io/dist/server');
const server = http.createServer();
new YSocketIO(new Server(server, { serveClient: false, maxHttpBufferSize: 1e8 })).initialize();
server.listen(port, '127.0.0.1', ready);
