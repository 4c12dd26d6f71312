// What /metrics says of documents while they are open, while they cannot be saved, and when everybody has gone.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { roomWithFile } from '../support/api.ts';
import { bareClient, openDoc } from '../support/bare-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(text.match(new RegExp(`^${name} (\\S+)$`, 'm'))?.[1] ?? Number.NaN);
}

const gaugeIs = (name: string, wanted: number | ((value: number) => boolean)) =>
  until(
    async () => {
      const value = await gauge(`coderoom_${name}`);
      return typeof wanted === 'number' ? value === wanted : wanted(value);
    },
    { what: `${name} to be ${wanted}` },
  );

test('documents, links, cursors, what is not saved, and timers', async () => {
  const { owner, room, file } = await roomWithFile(server.url, { content: 'x' });
  const client = await bareClient(server.url, owner.token);
  const database = new pg.Client(server.database.url);
  await database.connect();
  try {
    await gaugeIs('links', 0);
    await client.ask('room.join', { roomCode: room.roomCode });
    const { doc, text, saved } = await openDoc(client, file.id);
    const awareness = new Awareness(doc);
    awareness.setLocalState({ user: { name: 'Ada' } });
    const update = encodeAwarenessUpdate(awareness, [doc.clientID]);
    awareness.destroy();
    await client.ask('doc.awareness', { fileId: file.id, update });
    await gaugeIs('documents', 1);
    await gaugeIs('links', 1);
    await gaugeIs('cursors', 1);
    await gaugeIs('bytes', (bytes) => bytes > 0);

    await database.query('begin');
    await database.query('lock table document_updates in exclusive mode');
    text.insert(0, 'typed while nothing can be saved');
    await gaugeIs('unsaved', 1);
    await gaugeIs('backlog_bytes', (bytes) => bytes > 'typed while nothing can be saved'.length);
    await database.query('commit');
    await Promise.all(saved);
    await gaugeIs('unsaved', 0);
    await gaugeIs('backlog_bytes', 0);

    client.close();
    await gaugeIs('links', 0);
    await gaugeIs('cursors', 0);
    await gaugeIs('connections', 0);
    expect(await gauge('nodejs_active_resources\\{type="Timeout"\\}')).toBeGreaterThan(0);
  } finally {
    client.close();
    await database.end();
  }
});
