// @y/websocket-server as its own start script does it, without a store.
import http from 'node:http';
import { imported, port, ready, required } from './peer-process.ts';

const { setupWSConnection } = await imported('@y/websocket-server/utils');
const sockets = new (required('ws').Server)({ noServer: true });
sockets.on('connection', setupWSConnection);
const server = http.createServer((_request, response) => response.end('okay'));
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (client: unknown) => sockets.emit('connection', client, request));
});
server.listen(port, '127.0.0.1', ready);
