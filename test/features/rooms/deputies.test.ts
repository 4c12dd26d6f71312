// What a person may do in a room bounds what acts for them: their bots, by rules, by role and by being there at all, and what
// their runs go on to print.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDoc } from '../../support/bare-client.ts';
import { until } from '../../support/until.ts';
import { type BotHouse, openBotHouse } from '../identity/bot-owner.ts';
import { codeOf, FIXED, HIDDEN, pathsIn, place } from './ruled-room.ts';

let house: BotHouse;

beforeAll(async () => {
  house = await openBotHouse();
});
afterAll(() => house.close());

const NOTHING = Uint8Array.of(0, 0);

/** Ada and her bot are collaborators, and both have the secret file open. */
async function adaAndRobot() {
  const given = await place(house);
  const { room, secret } = given;
  const ada = await house.account('Ada');
  await ada.client.ask('room.join', room.entry);
  const robot = await house.bot(ada);
  await robot.client.ask('room.join', room.entry);
  for (const { client } of [ada, robot]) await openDoc(client, secret);
  const update = async () => codeOf(await robot.client.call('doc.update', { fileId: secret, update: NOTHING }));
  expect(await update()).toBe('ok');
  return { ...given, ada, robot, update };
}

test('rules for its owner hold for a bot, and its own hold for it alone', async () => {
  const { room, secret, ada, robot, give, update } = await adaAndRobot();
  await give(FIXED, ada.id);
  expect(await update()).toBe('read_only');
  expect(codeOf(await robot.client.call('file.write', { fileId: secret, content: 'x' }))).toBe('forbidden');
  // What its owner may not, no rule of its own gives it.
  await give([{ path: '/private/**', allow: ['write'] }], robot.id);
  expect(await update()).toBe('read_only');
  await give(HIDDEN, ada.id);
  expect(await update()).toBe('not_joined');
  expect(pathsIn(await robot.client.ask('file.list', { roomId: room.id }))).toEqual(['open.js']);
  await room.owner.client.ask('permission.remove', { roomId: room.id, userId: ada.id });
  await give(HIDDEN, robot.id);
  expect(codeOf(await robot.client.call('doc.open', { fileId: secret }))).toBe('forbidden');
  expect(codeOf(await ada.client.call('file.content', { fileId: secret }))).toBe('ok');
});

test('with the role of its owner a bot’s goes down, not up', async () => {
  const { room, robot, ada, update } = await adaAndRobot();
  const { owner, id: roomId } = room;
  await owner.client.ask('participant.setRole', { roomId, userId: ada.id, role: 'viewer' });
  expect(await update()).toBe('read_only');
  await owner.client.event('participant.changed', ({ participant: { userId, role } }) => {
    return userId === robot.id && role === 'viewer';
  });
  await owner.client.ask('participant.setRole', { roomId, userId: ada.id, role: 'collaborator' });
  expect(await update()).toBe('read_only');
  await owner.client.ask('participant.setRole', { roomId, userId: robot.id, role: 'collaborator' });
  expect(await update()).toBe('ok');
  const { rows } = await house.db.query(
    `select resource_id, new_values from audit_logs where action = 'participant.role_changed' and session_id = $1
     order by created_at, id`,
    [roomId],
  );
  expect(rows.filter(({ resource_id }) => resource_id === robot.id).map(({ new_values }) => new_values)).toEqual([
    { role: 'viewer' },
    { role: 'collaborator' },
  ]);
});

test('with its owner a bot is taken out', async () => {
  const { room, robot, ada, update } = await adaAndRobot();
  await room.owner.client.ask('participant.remove', { roomId: room.id, userId: ada.id });
  expect(await update()).toBe('not_joined');
  expect(await robot.client.event('participant.removed', ({ userId }) => userId === robot.id)).toMatchObject({
    banned: false,
  });
  expect(codeOf(await robot.client.call('room.get', { roomId: room.id }))).toBe('forbidden');
});

test('a run that goes on prints nothing more to those whom a rule takes its files', async () => {
  const { room, give } = await place(house);
  const [bob, eve] = [await room.member('collaborator'), await room.member('collaborator')];
  const code = `import { text } from "./private/secret.js";
    let line = 0;
    setInterval(() => console.log(text, ++line), 20);`;
  const { execution } = await bob.client.ask('run.start', { roomId: room.id, code, language: 'javascript' });
  const printed = (client: typeof bob.client): number =>
    client.events.filter(({ name, payload }) => name === 'run.output' && payload.executionId === execution.id).length;
  await until(() => printed(bob.client) > 0 && printed(eve.client) > 0, { what: 'output' });
  await give(HIDDEN, bob.id);
  await bob.client.ask('me.get');
  const then = printed(bob.client);
  const seen = printed(eve.client);
  await until(() => printed(eve.client) > seen + 2, { what: 'more output' });
  await bob.client.ask('me.get');
  expect(printed(bob.client)).toBe(then);
  for (const name of ['run.get', 'run.repeat'])
    expect(codeOf(await bob.client.call(name, { executionId: execution.id }))).toBe('forbidden');
  // It is theirs to end.
  expect(codeOf(await bob.client.call('run.cancel', { executionId: execution.id }))).toBe('ok');
  await eve.client.event('run.finished', (event) => event.execution.id === execution.id);
});
