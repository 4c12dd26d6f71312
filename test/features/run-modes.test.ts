// Runs outside of the sandbox, as the database has them, and the files that go along where nobody can tell what is imported.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FakeDocker } from '../support/fake-docker.ts';
import { until } from '../support/until.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let docker: FakeDocker;
let runners: Runners;

beforeAll(async () => {
  docker = new FakeDocker();
  docker.images = ['bash:5', 'node:24-slim', 'registry.example.org/own/node:1'];
  runners = await openRunners({ SANDBOX_CONTAINERS: docker.address });
});
afterAll(async () => {
  await runners.close();
  await docker.close();
});

test('a run in a container: its mode in its row, and the files around it', async () => {
  const { languages } = await until(async () => {
    const asked = await runners.owner.client.ask('language.list', {});
    return asked.languages.some((each: any) => each.id === 'bash' && each.available) ? asked : undefined;
  });
  expect(languages.find(({ id }: any) => id === 'go')).toMatchObject({ available: false, reason: expect.any(String) });
  await runners.file('tools/lib.sh', 'greet() { echo "hello $1"; }\n');
  await runners.file('other/data.txt', 'far\n');
  const fileId = await runners.file('tools/main.sh', '. tools/lib.sh\ngreet "$(cat other/data.txt)"\n');
  const { execution, pieces, source } = await runners.run({ fileId });
  expect([execution.status, textOf({ pieces })]).toEqual(['completed', 'hello far\n']);
  expect(source.files).toEqual(expect.arrayContaining(['tools/lib.sh', 'other/data.txt']));
  const [row] = await runners.rows('select mode from code_executions where id = $1', [execution.id]);
  expect(row).toEqual({ mode: 'docker' });
});

test('a container is among the sandboxes while it runs, for who manages the room and in /metrics', async () => {
  const { data } = await runners.start({ language: 'bash', code: 'echo on; read line; echo done', interactive: true });
  const { id } = data.execution;
  await runners.heard('run.output', id);
  const measured = await until(async () => {
    const { sandboxes } = await runners.owner.client.ask('run.load', { roomId: runners.room.id });
    return sandboxes.find(({ own, memoryBytes }: any) => own && memoryBytes > 0);
  });
  expect(measured).toMatchObject({ state: 'bound', runs: 1 });
  const series = async () => await (await fetch(`${runners.house.server.url}/metrics`)).text();
  expect(await series()).toMatch(/^coderoom_sandboxMemoryBytes\{sandbox="\d+",state="bound"\} [1-9]\d*$/m);
  await runners.owner.client.ask('run.input', { executionId: id, text: 'x\n', end: true });
  expect((await runners.finished(id)).execution.status).toBe('completed');
  expect(await series()).not.toMatch(/^coderoom_sandboxMemoryBytes\{/m);
});

test('an engine that fails: the run says so, a security event, and the next run works', async () => {
  docker.broken = /start/;
  const { execution } = await runners.run({ language: 'bash', code: 'true' });
  docker.broken = undefined;
  expect(execution).toMatchObject({ status: 'failed', error: { kind: 'sandbox' } });
  const noted = `select severity, data from security_events where type = 'sandbox_failed'`;
  expect(await runners.rows(noted)).toMatchObject([{ severity: 'medium', data: { executionId: execution.id } }]);
  expect((await runners.run({ language: 'bash', code: 'true' })).execution.status).toBe('completed');
});

describe('an environment with an image', () => {
  let names = 0;

  async function choose(input: object): Promise<{ roomId: string; language: string; environmentId: string }> {
    await runners.db.query(`update users set role = 'admin' where id = $1`, [runners.owner.id]);
    const given = { name: `Image ${++names}`, language: 'javascript', runtime: 'docker', ...input };
    const { environment } = await runners.owner.client.ask('environment.create', given);
    const choice = { roomId: runners.room.id, language: environment.language, environmentId: environment.id };
    await runners.owner.client.ask('environment.choose', choice);
    return choice;
  }

  test.each([
    { dockerImage: 'docker.io/library/bash:5', path: 'place.sh', text: 'echo "$PLACE"\n', language: 'bash' },
    {
      dockerImage: 'docker.io/library/node:24-slim',
      path: 'place.mjs',
      text: 'console.log(process.env.PLACE)\n',
      language: 'javascript',
    },
    {
      dockerImage: 'registry.example.org/own/node:1',
      path: 'place.ts',
      text: 'const place: unknown = process.env.PLACE;\nconsole.log(place)\n',
      language: 'typescript',
    },
  ])(
    'runs $language in it, with its variables, in the rooms that chose it',
    async ({ language, dockerImage, path, text }) => {
      const fileId = await runners.file(path, text);
      const variables = { PLACE: 'a container' };
      const choice = await choose({ language, dockerImage, variables });
      const { execution, pieces } = await runners.run({ fileId });
      expect([execution.status, textOf({ pieces })]).toEqual(['completed', 'a container\n']);
      expect(docker.specs.at(-1)).toMatchObject({ Image: dockerImage });
      const snippet = await runners.run({ language, code: text });
      expect(textOf(snippet)).toBe('a container\n');
      const [row] = await runners.rows('select mode, environment_id from code_executions where id = $1', [
        execution.id,
      ]);
      expect(row).toEqual({ mode: 'docker', environment_id: choice.environmentId });
    },
  );

  test('whose image is not there is refused with the reason, before the run', async () => {
    await choose({ language: 'python', dockerImage: 'docker.io/library/python:2' });
    const refused = await runners.start({ language: 'python', code: '1' });
    const message = expect.stringContaining('python:2 is not on this machine');
    expect(refused).toMatchObject({ error: { code: 'language_unavailable', message } });
  });
});
