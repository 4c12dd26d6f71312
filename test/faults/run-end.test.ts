// A run ends while the database is away: the room hears of it and is told that it is not saved; it is saved when it can be.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { roomWithFile } from '../support/api.ts';
import { bareClient } from '../support/bare-client.ts';
import { type DatabaseProxy, databaseProxy } from '../support/database-proxy.ts';
import { freshDatabase, type TestDatabase } from '../support/db.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;
let server: TestServer;

beforeAll(async () => {
  database = await freshDatabase();
  proxy = await databaseProxy(database.url);
  server = await startServer({ DATABASE_URL: proxy.url });
});
afterAll(async () => {
  await server.stop();
  await proxy.close();
  await database.drop();
});

/** Starts a run, and cuts the database off while it goes on. */
async function runInTheDark(code: string) {
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const { execution } = await client.ask('run.start', { roomId: room.id, code, language: 'javascript' });
  await until(() => client.events.some(({ name }) => name === 'run.output'), { timeoutMs: 25_000, what: 'output' });
  const running = `select from code_executions where id = $1 and status = 'running'`;
  await until(async () => (await database.query(running, [execution.id])).rowCount === 1);
  await proxy.cut();
  const told = await client.event('run.finished', ({ execution: { id } }) => id === execution.id);
  return { client, id: execution.id as string, told };
}

const CODE = `console.log('before'); setTimeout(() => console.log('in the dark'), 1500)`;

test('the end is told at once, and stored when the database is back', async () => {
  const { client, id, told } = await runInTheDark(CODE);
  expect(told.execution).toMatchObject({ status: 'completed', saved: false });
  const stored = async () => (await database.query('select * from code_executions where id = $1', [id])).rows[0];
  expect(await stored()).toMatchObject({ status: 'running' });
  expect(client.events.filter(({ name }) => name === 'run.saved')).toEqual([]);
  await proxy.mend();
  await client.event('run.saved', ({ executionId }) => executionId === id);
  expect(await stored()).toMatchObject({ status: 'completed', output: 'before\nin the dark\n' });
  const { execution } = await client.ask('run.get', { executionId: id });
  expect(execution).toMatchObject({ status: 'completed', saved: true });
  expect(client.events.filter(({ name }) => name === 'run.finished')).toHaveLength(1);
  client.close();
});

test('an end that the database refuses is stored without the run’s own texts', async () => {
  await database.query(
    `alter table code_executions add constraint no_such_output check (output not like 'unwelcome%')`,
  );
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const input = { roomId: room.id, code: `console.log('unwelcome')`, language: 'javascript' };
  const { execution } = await client.ask('run.start', input);
  const { id } = execution;
  const saved = () => client.events.some(({ name, payload }) => name === 'run.saved' && payload.executionId === id);
  await until(saved, { timeoutMs: 25_000, what: 'run.saved' });
  const { rows } = await database.query('select * from code_executions where id = $1', [id]);
  expect(rows[0]).toMatchObject({ status: 'completed', output: null });
  expect(rows[0].error_message).toContain('could not be stored');
  client.close();
});

test('an end that has no row any more is told as not saved, and nothing says otherwise later', async () => {
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const code = `console.log('on'); setTimeout(() => 0, 1500)`;
  const { execution } = await client.ask('run.start', { roomId: room.id, code, language: 'javascript' });
  const { id } = execution;
  await until(() => client.events.some(({ name }) => name === 'run.output'), { timeoutMs: 25_000, what: 'output' });
  await database.query('delete from code_executions where id = $1', [id]);
  const told = await client.event('run.finished', (event) => event.execution.id === id);
  expect(told.execution.saved).toBe(false);
  expect(await client.call('run.get', { executionId: id })).toMatchObject({ error: { code: 'not_found' } });
  const measured = `select from performance_metrics where metadata ->> 'executionId' = $1`;
  expect((await database.query(measured, [id])).rowCount).toBe(0);
  // It is not waited for, either.
  const load = async () => (await client.ask('run.load', { roomId: room.id })).room;
  await until(async () => (await load()).running === 0, { what: 'it to be forgotten' });
  expect(client.events.filter(({ name }) => name === 'run.saved')).toEqual([]);
  client.close();
});

test('a disk that is full: nothing is started that cannot be stored, an end waits until it can be, the server goes on', async () => {
  const { owner, room } = await roomWithFile(server.url);
  const client = await bareClient(server.url, owner.token);
  await client.ask('room.join', { roomCode: room.roomCode });
  const input = { roomId: room.id, language: 'javascript' };
  const code = `console.log('on'); setTimeout(() => console.log('full'), 1500)`;
  const { execution } = await client.ask('run.start', { ...input, code });
  const { id } = execution;
  await until(() => client.events.some(({ name }) => name === 'run.output'), { timeoutMs: 25_000, what: 'output' });
  // As PostgreSQL says it: disk_full.
  await database.query(`create function disk_is_full() returns trigger language plpgsql as
    $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`);
  await database.query(`create trigger disk_is_full before insert or update on code_executions
    for each row execute function disk_is_full()`);
  const told = await client.event('run.finished', (event) => event.execution.id === id);
  expect(told.execution).toMatchObject({ status: 'completed', saved: false });
  expect(await client.call('run.start', { ...input, code: '1' })).toMatchObject({ ok: false });
  expect((await client.ask('run.get', { executionId: id })).execution).toMatchObject({ status: 'completed' });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await database.query('drop function disk_is_full() cascade');
  const { executionId } = await client.event('run.saved', (event) => event.executionId === id);
  const { rows } = await database.query('select status, output from code_executions where id = $1', [executionId]);
  expect(rows).toEqual([{ status: 'completed', output: 'on\nfull\n' }]);
  const { execution: next } = await client.ask('run.start', { ...input, code: '1' });
  await client.event('run.finished', (event) => event.execution.id === next.id);
  client.close();
});

test('a server that stops meanwhile tries once more, and does not wait for ever', async () => {
  const { client, id } = await runInTheDark(CODE);
  client.close();
  const stopped = server.restart();
  await proxy.mend();
  await stopped;
  const { rows } = await database.query('select status from code_executions where id = $1', [id]);
  expect(['completed', 'failed']).toContain(rows[0].status);
});
