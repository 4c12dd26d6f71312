// Environments: administrators make them, rooms choose among them, runs have what they say; secrets never come back.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call } from '../support/api.ts';
import type { Visitor } from './people.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;
let admin: Visitor;
let names = 0;

beforeAll(async () => {
  runners = await openRunners({ SECRET_KEYS: `1:${randomBytes(32).toString('base64')}` });
  admin = await runners.room.member('collaborator');
  await runners.db.query(`update users set role = 'admin' where id = $1`, [admin.id]);
});
afterAll(() => runners.close());

async function create(input: object = {}): Promise<any> {
  const given = { name: `Environment ${++names}`, language: 'javascript', ...input };
  return (await admin.client.ask('environment.create', given)).environment;
}

const change = (environmentId: string, input: object): Promise<any> =>
  admin.client.ask('environment.change', { environmentId, ...input });
const list = (who: Visitor): Promise<any> => who.client.ask('environment.list', {});
const SHOW = 'console.log(JSON.stringify(env))';

test('the built-in ones are there; who is no administrator sees them and changes nothing', async () => {
  const { environments, mayManage } = await list(runners.owner);
  expect(mayManage).toBe(false);
  expect(environments.map(({ name }: any) => name)).toEqual(expect.arrayContaining(['JavaScript', 'TypeScript']));
  expect(environments.every(({ isActive, variables }: any) => isActive && variables.length === 0)).toBe(true);
  const { id } = environments[0];
  for (const [name, input] of [
    ['environment.create', { name: 'Mine', language: 'javascript' }],
    ['environment.change', { environmentId: id, isActive: false }],
    ['environment.retire', { environmentId: id }],
  ] as const) {
    expect(await runners.owner.client.call(name, input)).toMatchObject({ error: { code: 'forbidden' } });
  }
});

describe('variables', () => {
  test('reach the run; their values never come back, and are not in the database, the audit or a dump of the row', async () => {
    const made = await create({ variables: { TOKEN: 'very-secret-value', REGION: 'here' } });
    expect(made.variables).toEqual(['REGION', 'TOKEN']);
    const done = await runners.run({ code: SHOW, environmentId: made.id });
    expect(JSON.parse(textOf(done))).toEqual({ TOKEN: 'very-secret-value', REGION: 'here' });
    expect(done.source.environmentId).toBe(made.id);
    const changed = await change(made.id, { variables: { REGION: null, ZONE: 'b' } });
    expect(changed.environment.variables).toEqual(['TOKEN', 'ZONE']);
    const again = await runners.run({ code: SHOW, environmentId: made.id });
    expect(JSON.parse(textOf(again))).toEqual({ TOKEN: 'very-secret-value', ZONE: 'b' });
    const answers = JSON.stringify([made, changed, await list(admin), await list(runners.owner)]);
    expect(answers).not.toContain('very-secret-value');
    const [row] = await runners.rows('select * from execution_environments where id = $1', [made.id]);
    expect(row.environment_encrypted.includes('very-secret-value')).toBe(false);
    const facts = await runners.rows(`select * from audit_logs where resource_id = $1`, [made.id]);
    expect(facts.map(({ action }) => action)).toEqual(['environment.created', 'environment.changed']);
    expect(JSON.stringify(facts)).not.toContain('very-secret-value');
    expect(facts[0].new_values.variables).toEqual(['TOKEN', 'REGION']);
  });

  test.each([
    ['a name that is none', { '1x': 'a' }],
    ['a value that is too long', { A: 'x'.repeat(20_000) }],
    ['too many', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`V${index}`, '']))],
  ])('are refused: %s', async (_what, variables) => {
    const input = { name: `Environment ${++names}`, language: 'javascript', variables };
    expect(await admin.client.call('environment.create', input)).toMatchObject({ error: { code: 'invalid_input' } });
  });
});

test('limits hold, below those of the server', async () => {
  const quick = await create({ limits: { wallMs: 300, outputBytes: 1024 } });
  const loop = await runners.run({ code: 'for (;;);', environmentId: quick.id });
  expect(loop.execution).toMatchObject({ status: 'timeout' });
  expect(loop.execution.wallMs).toBeLessThan(2000);
  const chatty = await runners.run({ code: `console.log('x'.repeat(5000))`, environmentId: quick.id });
  expect(chatty.execution.outputTruncated).toBe(true);
});

describe('a room', () => {
  test('chooses for a language; everybody’s runs there have it, other rooms’ have not', async () => {
    const chosen = await create({ variables: { ROOM: 'chosen' } });
    const { id: roomId } = runners.room;
    const choose = { roomId, language: 'javascript', environmentId: chosen.id };
    const { choices } = await runners.owner.client.ask('environment.choose', choose);
    expect(choices).toEqual([{ language: 'javascript', environmentId: chosen.id }]);
    const bob = await runners.room.member('participant');
    expect(textOf(await runners.run({ code: SHOW }, bob))).toBe('{"ROOM":"chosen"}\n');
    expect(await bob.client.call('environment.choose', choose)).toMatchObject({ error: { code: 'forbidden' } });
    expect(await bob.client.ask('environment.choices', { roomId })).toEqual({ choices });
    await admin.client.ask('environment.retire', { environmentId: chosen.id });
    expect(textOf(await runners.run({ code: SHOW }, bob))).toBe('{}\n');
    const gone = await runners.owner.client.ask('environment.choose', { ...choose, environmentId: null });
    expect(gone.choices).toEqual([]);
    const again = { ...choose, environmentId: chosen.id };
    expect(await runners.owner.client.call('environment.choose', again)).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  test('cannot choose one of another language', async () => {
    const typed = await create({ language: 'typescript' });
    const choose = { roomId: runners.room.id, language: 'javascript', environmentId: typed.id };
    expect(await runners.owner.client.call('environment.choose', choose)).toMatchObject({
      error: { code: 'not_found' },
    });
    const input = { code: '1', environmentId: typed.id };
    expect(await runners.start(input)).toMatchObject({ error: { code: 'not_found' } });
  });
});

test('a language whose environments are all retired is switched off, and that is told before anybody runs it', async () => {
  const { environments } = await list(admin);
  const typescript = environments.filter(({ language, isActive }: any) => language === 'typescript' && isActive);
  for (const { id } of typescript) await admin.client.ask('environment.retire', { environmentId: id });
  const { data } = await call(runners.house.url, 'GET /api/languages');
  const told = data.languages.find(({ id }: any) => id === 'typescript');
  expect(told).toMatchObject({ available: false, reason: expect.stringContaining('switched it off') });
  const refused = await runners.start({ code: '1', language: 'typescript' });
  expect(refused).toMatchObject({ error: { code: 'language_unavailable' } });
  const [{ id }] = typescript;
  await change(id, { isActive: true });
  expect((await runners.run({ code: '1', language: 'typescript' })).execution.status).toBe('completed');
});

test('names are unique; a container has an image, and only that; what needs an engine is refused with the reason', async () => {
  const made = await create();
  const taken = { name: made.name, language: 'javascript' };
  expect(await admin.client.call('environment.create', taken)).toMatchObject({ error: { code: 'conflict' } });
  const input = { name: `Environment ${++names}`, language: 'javascript' };
  for (const more of [{ runtime: 'docker' }, { dockerImage: 'node:24' }]) {
    const answer = await admin.client.call('environment.create', { ...input, ...more });
    expect(answer).toMatchObject({ error: { code: 'invalid_input' } });
  }
  const container = await create({ runtime: 'docker', dockerImage: 'docker.io/library/node:24-slim' });
  const refused = await runners.start({ code: '1', environmentId: container.id });
  const local = await create({ runtime: 'local' });
  const other = await runners.start({ code: '1', environmentId: local.id });
  expect(other).toMatchObject({ error: { code: 'language_unavailable' } });
  const reason = expect.stringContaining('there is no container engine');
  expect(refused).toMatchObject({ error: { code: 'language_unavailable', message: reason } });
});
