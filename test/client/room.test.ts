// A room against the protocol: the mirror, and what happens to it when the connection is lost.
import { expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { FILE_ID, file, held, joinAnswer, participant, ROOM_ID, refusal, USER_ID } from './fake-server.ts';
import { caughtUp, codeOf, connectTo, joinedRoom, loseConnection, online, startServer } from './session.ts';

const RUN_ID = '00000000-0000-4000-8000-0000000000e1';
const OTHER_ID = '00000000-0000-4000-8000-0000000000a2';

test('the mirror follows people and files', async () => {
  const { server, client, room, changes } = await joinedRoom();
  expect(server.calls('room.join')[0]?.payload).toEqual({ roomCode: 'abcd efgh' });
  expect(room.info.roomCode).toBe('ABCD-EFGH');
  await caughtUp(client);
  changes.length = 0;
  const [other, me] = [participant(OTHER_ID), participant(USER_ID, { role: 'viewer' })];
  // Who was the owner may be shown other files from then on: that is looked at where a server answers.
  server.respond.set('file.list', () => undefined);
  server.emit('participant.joined', { roomId: ROOM_ID, participants: [other] });
  server.emit('participant.changed', { roomId: ROOM_ID, participant: me });
  server.emit('file.created', { roomId: ROOM_ID, file: file('f2', 'a.ts') });
  server.emit('file.renamed', { roomId: ROOM_ID, file: file(FILE_ID, 'b.ts'), previousPath: 'main.ts' });
  server.emit('file.created', { roomId: 'another room', file: file('f3', 'c.ts') });
  await caughtUp(client);
  expect([...room.participants.keys()]).toEqual([USER_ID, OTHER_ID]);
  expect(room.me.role).toBe('viewer');
  expect([...room.files.values()].map(({ path }) => path)).toEqual(['b.ts', 'a.ts']);
  server.emit('participant.left', { roomId: ROOM_ID, participants: [participant(OTHER_ID, { online: false })] });
  server.emit('file.deleted', { roomId: ROOM_ID, fileId: 'f2', path: 'a.ts' });
  await caughtUp(client);
  expect(room.participants.get(OTHER_ID)?.online).toBe(false);
  expect(room.files.size).toBe(1);
  expect(changes).toEqual([
    `participants ${OTHER_ID}`,
    `participants ${USER_ID}`,
    'files f2',
    `files ${FILE_ID}`,
    `participants ${OTHER_ID}`,
    'files f2',
  ]);
});

test('an event that overtakes the answer to the join is applied on top of it', async () => {
  const server = await startServer();
  const client = await online(server);
  server.respond.set('room.join', (_payload, socket) => {
    socket.emit('file.created', { roomId: ROOM_ID, file: file('f2', 'new.ts') });
    socket.emit('file.created', { roomId: 'another room', file: file('f3', 'not-here.ts') });
    return joinAnswer();
  });
  const room = await client.join('ABCD-EFGH');
  expect([...room.files.keys()]).toEqual([FILE_ID, 'f2']);
});

test('a join waits for the connection, and survives one that is lost before the answer', async () => {
  const server = await startServer();
  const client = await online(server);
  server.respond.set('room.join', () => undefined);
  const joining = client.join('ABCD-EFGH');
  await until(() => server.calls('room.join').length === 1);
  server.respond.clear();
  server.cut();
  await until(() => client.state === 'offline');
  const document = client.openDocument(FILE_ID);
  client.retryNow();
  expect((await joining).state).toBe('joined');
  await document.ready();
  const asked = server.received.map(({ name }) => name).filter((name) => /join|open/.test(name));
  expect(asked).toEqual(['room.join', 'room.join', 'doc.open']);
});

test('a document is asked for behind its room, without waiting for the answer in between', async () => {
  const server = await startServer();
  server.respond.set('room.join', () => undefined);
  const client = connectTo(server);
  const document = client.openDocument(FILE_ID);
  client.join('ABCD-EFGH').catch(() => undefined);
  await document.ready();
  const asked = server.received.map(({ name }) => name).filter((name) => /join|open/.test(name));
  expect(asked).toEqual(['room.join', 'doc.open']);
});

test.each(['room_unavailable', 'forbidden', 'room_full'])('%s refuses a join', async (code) => {
  const server = await startServer();
  server.respond.set('room.join', () => refusal(code));
  expect(await codeOf((await online(server)).join('ABCD-EFGH'))).toBe(code);
});

test('joining the same room again gives the same object, brought up to date', async () => {
  const { server, client, room } = await joinedRoom();
  server.respond.set('room.join', () => joinAnswer({ files: [] }));
  expect(await client.join('ABCD-EFGH')).toBe(room);
  expect(room.files.size).toBe(0);
});

test('after a reconnect documents are opened without waiting for the room, which is joined again', async () => {
  const { server, client, room } = await joinedRoom();
  const document = room.openPath('main.ts');
  await document.ready();
  await loseConnection(server, room);
  server.received.length = 0;
  const { answer, give } = held();
  server.respond.set('room.join', () => answer);
  client.retryNow();
  await until(() => server.calls('room.join').length === 1);
  server.emit('file.created', { roomId: ROOM_ID, file: file('f2', 'meanwhile.ts') });
  await caughtUp(client);
  await until(() => document.status.phase === 'open');
  expect(room.state).toBe('rejoining');
  give(joinAnswer({ files: [], participants: [participant(), participant(OTHER_ID)] }));
  await until(() => room.state === 'joined');
  expect([...room.files.keys()]).toEqual(['f2']);
  expect(room.participants.size).toBe(2);
});

test.each(['room_unavailable', 'forbidden'])('%s when joining again refuses the room', async (code) => {
  const { server, client, room } = await joinedRoom();
  await loseConnection(server, room);
  server.respond.set('room.join', () => refusal(code));
  client.retryNow();
  await until(() => room.state === 'refused');
  expect(room.error?.code).toBe(code);
  expect(await codeOf(room.finished(RUN_ID))).toBe(code);
});

test('a code that changed while we were away does not keep a member out', async () => {
  const { server, room } = await joinedRoom();
  const changed = joinAnswer({ room: { ...room.info, roomCode: 'NEWW-CODE' } });
  server.respond.set('room.join', ({ roomCode }) => (roomCode === 'NEWW-CODE' ? changed : refusal('room_unavailable')));
  server.respond.set('room.get', () => changed);
  await loseConnection(server, room);
  await until(() => room.state === 'joined');
  expect(room.info.roomCode).toBe('NEWW-CODE');
  server.respond.set('room.join', () => refusal('room_unavailable'));
  await loseConnection(server, room);
  await until(() => room.state === 'refused');
  expect(room.error?.code).toBe('room_unavailable');
});

test('a room that cannot be joined again for now is tried again', async () => {
  const { server, client, room } = await joinedRoom();
  await loseConnection(server, room);
  server.respond.set('room.join', () => refusal('room_full'));
  client.retryNow();
  await until(() => room.error?.code === 'room_full');
  expect(room.state).toBe('rejoining');
  server.respond.clear();
  await until(() => room.state === 'joined');
  expect(room.error).toBeUndefined();
});

test('a closed room is closed for good, and nobody waits for its runs', async () => {
  const { server, client, room } = await joinedRoom();
  await room.run({ code: '1', language: 'typescript' }).catch(() => undefined);
  server.respond.set('run.get', () => undefined);
  const finished = codeOf(room.finished(RUN_ID));
  server.emit('room.closed', { roomId: ROOM_ID });
  expect(await finished).toBe('room_unavailable');
  expect(room.state).toBe('closed');
  server.cut();
  await until(() => client.state === 'offline');
  client.retryNow();
  await until(() => client.state === 'online');
  expect(server.calls('room.join')).toHaveLength(1);
});

test('leaving is told to the server, and is final without a connection too', async () => {
  const { server, client, room } = await joinedRoom();
  const other = await joinedRoom();
  await room.leave();
  await room.leave();
  expect(room.state).toBe('left');
  expect(server.calls('room.leave')).toHaveLength(1);
  await loseConnection(other.server, other.room);
  await other.room.leave();
  other.client.retryNow();
  await until(() => other.client.state === 'online');
  await caughtUp(other.client);
  expect(other.server.calls('room.join')).toHaveLength(1);
  expect(await client.join('ABCD-EFGH')).not.toBe(room);
});

test('a path opens its document, and an unknown one is not_found', async () => {
  const { client, room } = await joinedRoom();
  expect(room.openPath('main.ts')).toBe(client.openDocument(FILE_ID));
  expect(() => room.openPath('nowhere.ts')).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test('closing the client leaves its rooms', async () => {
  const { client, room, changes } = await joinedRoom();
  const finished = codeOf(room.finished(RUN_ID));
  await client.close();
  expect(room.state).toBe('left');
  expect(await finished).toBe('room_unavailable');
  expect(changes.at(-1)).toBe('state');
});
