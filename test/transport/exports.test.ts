// Places for downloads of one's own data are few: who holds one has to read.
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { openSecrets } from '../../src/db/secrets.ts';
import { exportTickets } from '../../src/features/identity/export-tickets.ts';
import { silentLog } from '../../src/observe/log.ts';
import { serveExports } from '../../src/transport/exports.ts';
import { until } from '../support/until.ts';

/** More than all buffers on the way hold. */
const PIECES = 64;
const PIECE = 'x'.repeat(1024 * 1024);

const tickets = exportTickets(openSecrets({ keys: undefined, folder: undefined }));
/** Short for those who never read; a busy machine may keep somebody who does from reading for longer. */
const STALL_MS = { impatient: 500, patient: 60_000 };

const apps: FastifyInstance[] = [];
const ports = { impatient: 0, patient: 0 };

beforeAll(async () => {
  for (const kind of ['impatient', 'patient'] as const) {
    const app = Fastify();
    apps.push(app);
    serveExports(app, {
      tickets,
      async exportTo(userId, write) {
        for (let piece = 0; userId === 'much' && piece < PIECES; piece++) await write(PIECE);
        await write('the end');
      },
      log: silentLog,
      stallMs: STALL_MS[kind],
    });
    ports[kind] = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  }
});
afterAll(() => Promise.all(apps.map((app) => app.close())));

const pathFor = (userId: string): string => `/api/exports/${tickets.issue(userId).ticket}`;
const get = (userId: string, port = ports.impatient): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${pathFor(userId)}`);

/** Asks and reads nothing of the answer. */
async function deafReader(): Promise<net.Socket> {
  const socket = net.connect(ports.impatient, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(`GET ${pathFor('much')} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

test('who does not read loses the place, and half a file does not look like a whole one', async () => {
  const deaf = [await deafReader(), await deafReader()];
  await until(async () => (await get('little')).status !== 200, { what: 'both places to be taken' });
  await until(async () => (await get('little')).status === 200, { what: 'a place' });
  for (const socket of deaf) {
    let tail = '';
    socket.on('data', (data) => {
      tail = (tail + data.toString('latin1')).slice(-10);
    });
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await closed;
    expect(tail).not.toContain('the end');
  }
});

test('who reads gets everything', async () => {
  const text = await (await get('much', ports.patient)).text();
  expect(text.length).toBe(PIECES * PIECE.length + 'the end'.length);
});
