// Runs outside of the sandbox, as the database has them, and the files that go along where nobody can tell what is imported.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { FakeDocker } from '../support/fake-docker.ts';
import { until } from '../support/until.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let docker: FakeDocker;
let runners: Runners;

beforeAll(async () => {
  docker = new FakeDocker();
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
