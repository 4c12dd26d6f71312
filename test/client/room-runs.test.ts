// The runs of a room against the protocol: news in any order, output that was missed, the end that somebody waits for.
import { expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { execution, FILE_ID, held, ok, ROOM_ID, refusal, runDetail } from './fake-server.ts';
import { caughtUp, codeOf, joinedRoom, loseConnection, online, startServer } from './session.ts';

const RUN_ID = '00000000-0000-4000-8000-0000000000e1';

test('a run shows its output in order, whatever order news comes in', async () => {
  const { server, room } = await joinedRoom();
  server.respond.set('run.start', (_payload, socket) => {
    const about = { roomId: ROOM_ID, executionId: RUN_ID, stream: 'stdout' };
    socket.emit('run.output', { ...about, seq: 0, text: 'one ' });
    socket.emit('run.started', { roomId: ROOM_ID, execution: execution(RUN_ID, { status: 'running' }) });
    socket.emit('run.output', { ...about, seq: 2, text: 'three' });
    socket.emit('run.output', { ...about, seq: 1, text: 'two ' });
    socket.emit('run.output', { ...about, seq: 1, text: 'two ' });
    return ok({ execution: execution(RUN_ID) });
  });
  const started = await room.run({ fileId: FILE_ID });
  expect(server.calls('run.start')[0]?.payload).toEqual({ roomId: ROOM_ID, fileId: FILE_ID });
  expect(room.runs.get(started.id)?.status).toBe('running');
  const finished = room.finished(RUN_ID);
  const done = execution(RUN_ID, { status: 'completed', outputPieces: 3 });
  server.emit('run.finished', { roomId: ROOM_ID, execution: done, outcome: { result: '6', tables: [] } });
  const view = await finished;
  expect(view).toMatchObject({ status: 'completed', outcome: { result: '6' }, whole: true });
  expect(view.pieces.map(({ text }) => text).join('')).toBe('one two three');
  expect(view.pieces).toHaveLength(3);
  expect(await room.finished(RUN_ID)).toBe(view);
  expect(server.calls('run.get')).toEqual([]);
});

test('output that was missed is asked for when the run is over', async () => {
  const { server, room } = await joinedRoom();
  const about = { roomId: ROOM_ID, executionId: RUN_ID, stream: 'stdout' };
  server.emit('run.started', { roomId: ROOM_ID, execution: execution(RUN_ID, { status: 'running' }) });
  server.emit('run.output', { ...about, seq: 2, text: 'late' });
  const done = execution(RUN_ID, { status: 'completed', outputPieces: 3, saved: false });
  server.respond.set('run.get', () => ok(runDetail(done, ['all of it, ', 'late'], '7')));
  server.emit('run.finished', { roomId: ROOM_ID, execution: done, outcome: { result: '7', tables: [] } });
  const view = await room.finished(RUN_ID);
  expect(view).toMatchObject({ outcome: { result: '7' }, whole: true, saved: false });
  expect(view.pieces.map(({ text }) => text)).toEqual(['all of it, ', 'late']);
  server.emit('run.saved', { roomId: ROOM_ID, executionId: RUN_ID });
  await until(() => room.runs.get(RUN_ID)?.saved);
});

test('a run under way when one joins has its output from the start', async () => {
  const server = await startServer();
  const client = await online(server);
  const running = execution(RUN_ID, { status: 'running', outputPieces: 2 });
  const { answer, give } = held();
  server.respond.set('run.list', () => ok({ executions: [running], nextCursor: null }));
  server.respond.set('run.get', () => answer);
  const room = await client.join('ABCD-EFGH');
  await until(() => server.calls('run.get').length === 1);
  const about = { roomId: ROOM_ID, executionId: RUN_ID, stream: 'stderr' };
  server.emit('run.output', { ...about, seq: 3, text: 'd' });
  await caughtUp(client);
  const pieces = ['a', 'b', 'c'].map((text, seq) => ({ seq, stream: 'stdout', text }));
  give(ok({ ...runDetail(running), pieces, outcome: null }));
  await until(() => room.runs.get(RUN_ID)?.pieces.length === 4);
  expect(room.runs.get(RUN_ID)?.pieces.map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
  const done = execution(RUN_ID, { status: 'completed', outputPieces: 4 });
  server.emit('run.finished', { roomId: ROOM_ID, execution: done, outcome: { result: null, tables: [] } });
  expect(await room.finished(RUN_ID)).toMatchObject({ whole: true });
  expect(server.calls('run.get')).toHaveLength(1);
});

test('an earlier run is loaded when it is asked for, once; it is run again and cancelled', async () => {
  const { server, room } = await joinedRoom();
  const earlier = execution(RUN_ID, { status: 'completed', outputPieces: 1 });
  server.respond.set('run.get', () => ok(runDetail(earlier, ['then'])));
  expect(await room.load(RUN_ID)).toMatchObject({ whole: true, pieces: [{ seq: 0, text: 'then' }] });
  await room.load(RUN_ID);
  expect(server.calls('run.get')).toHaveLength(1);
  server.respond.set('run.repeat', () => ok({ execution: execution('again') }));
  expect(await room.repeat(RUN_ID, { stdin: 'x' })).toMatchObject({ id: 'again' });
  expect(server.calls('run.repeat')[0]?.payload).toEqual({ executionId: RUN_ID, stdin: 'x' });
  expect(room.runs.has('again')).toBe(true);
  server.respond.set('run.cancel', () => ok({ cancelled: true }));
  expect(await room.cancel('again')).toBe(true);
});

test('the end of a run that came while the connection was lost is found out, output included', async () => {
  const { server, client, room } = await joinedRoom();
  server.respond.set('run.start', () => ok({ execution: execution(RUN_ID, { status: 'running' }) }));
  await room.run({ fileId: FILE_ID });
  server.emit('run.output', { roomId: ROOM_ID, executionId: RUN_ID, stream: 'stdout', seq: 0, text: 'seen ' });
  await until(() => room.runs.get(RUN_ID)?.pieces.length === 1);
  const finished = room.finished(RUN_ID);
  await loseConnection(server, room);
  const done = execution(RUN_ID, { status: 'failed', outputPieces: 1 });
  server.respond.set('run.get', () => ok(runDetail(done, ['seen missed'])));
  client.retryNow();
  expect(await finished).toMatchObject({ status: 'failed', pieces: [{ seq: 0, text: 'seen missed' }] });
});

test('runs from before joining are listed in the order they were made, ahead of what runs now', async () => {
  const server = await startServer();
  const client = await online(server);
  const { answer, give } = held();
  server.respond.set('run.list', () => answer);
  const room = await client.join('ABCD-EFGH');
  const now = execution('now', { status: 'running', createdAt: '2025-01-03T00:00:00.000Z' });
  server.emit('run.started', { roomId: ROOM_ID, execution: now });
  const second = execution('second', { status: 'completed', outputPieces: 1, createdAt: '2025-01-02T00:00:00.000Z' });
  const first = execution('first', { status: 'timeout', createdAt: '2025-01-01T00:00:00.000Z' });
  give(ok({ executions: [second, first], nextCursor: null }));
  await until(() => room.runs.size === 3);
  expect([...room.runs.keys()]).toEqual(['first', 'second', 'now']);
  expect(room.runs.get('second')).toMatchObject({ pieces: [], outcome: null, whole: false });
});

test('a run nobody has heard of is asked for, and not found', async () => {
  const { server, room } = await joinedRoom();
  server.respond.set('run.get', () => refusal('not_found'));
  expect(await codeOf(room.finished(RUN_ID))).toBe('not_found');
  server.respond.set('run.get', () => ok(runDetail(execution(RUN_ID, { status: 'completed' }), ['x'])));
  expect(await room.finished(RUN_ID)).toMatchObject({ status: 'completed' });
});
