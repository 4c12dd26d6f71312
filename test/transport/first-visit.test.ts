// Right after its start the server has been through its own doors, and nothing of that is left.
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLog } from '../../src/observe/log.ts';
import { visitFirst } from '../../src/transport/first-visit.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const lines: string[] = [];
const log = openLog('debug', { write: (line: string) => void lines.push(line) });
let server: TestServer;

beforeAll(async () => {
  server = await startServer({}, log);
});
afterAll(() => server.stop());

test('who visits first leaves nobody behind, and nothing is noted', async () => {
  const connections = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^coderoom_connections (\d+)$/m.exec(text)?.[1]);
  };
  await until(async () => (await connections()) === 0, { what: 'the visitor to be gone' });
  expect(lines.filter((line) => JSON.parse(line).level >= 40)).toEqual([]);
  const { rows } = await server.database.query('select * from security_events');
  expect(rows).toEqual([]);
});

test('a door at which nobody answers is not waited for', async () => {
  const visitors: Socket[] = [];
  const deaf = createServer().on('upgrade', (_request, socket) => void visitors.push((socket as Socket).resume()));
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  await visitFirst(deaf, log);
  expect(lines.at(-1)).toContain('could not visit itself');
  await until(() => visitors.length === 1 && visitors[0]?.readableEnded, { what: 'the visitor to go' });
  for (const visitor of visitors) visitor.destroy();
  deaf.close();
});
