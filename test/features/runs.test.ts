// Runs through the server: what people in the room hear, what is stored, who may start and end them.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import type { OwnedRoom, Visitor } from './people.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;
let room: OwnedRoom;
let owner: Visitor;
let bob: Visitor;

beforeAll(async () => {
  runners = await openRunners();
  ({ room, owner } = runners);
  bob = await room.member('participant');
});
afterAll(() => runners.close());

/** A run with its output as one text and its result. */
const flat = ({ execution, pieces, outcome }: any): any => ({
  ...execution,
  output: textOf({ pieces }),
  result: outcome?.result ?? null,
});

const read = async (executionId: string): Promise<any> => flat(await owner.client.ask('run.get', { executionId }));

const finished = async (id: string, who = owner): Promise<any> => {
  const told = await runners.heard('run.finished', id, who);
  const stored = await read(id);
  expect(stored).toMatchObject({ ...told.execution, outputPieces: stored.outputPieces });
  expect(stored.result).toBe(told.outcome.result);
  return stored;
};

/** Starts a run and waits for its end. */
async function run(input: object, who = owner): Promise<any> {
  const answer = await runners.start(input, who);
  expect(answer).toMatchObject({ ok: true });
  return finished(answer.data.execution.id, who);
}

describe('a run', () => {
  test('sends its output in order to everybody, and its end after it is stored', async () => {
    const code = 'for (let i = 0; i < 50; i++) console.log("line", i); console.error("odd"); 6 * 7';
    const { data } = await runners.start({ code }, bob);
    const { id } = data.execution;
    expect(data.execution).toMatchObject({ roomId: room.id, userId: bob.id, fileId: null, status: 'queued' });
    const told = await finished(id, owner);
    const { rows } = await runners.db.query('select status, output, result from code_executions where id = $1', [id]);
    expect(rows).toEqual([{ status: 'completed', output: told.output, result: '42' }]);
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join('');
    for (const { client } of [owner, bob]) {
      await until(() =>
        client.events.some(({ name, payload }) => name === 'run.finished' && payload.execution.id === id),
      );
      const mine = client.events.filter(({ payload }) => (payload.executionId ?? payload.execution?.id) === id);
      const steps = mine.map(({ name }) => name).filter((name) => name !== 'run.queued');
      expect(steps[0]).toBe('run.started');
      expect(steps.at(-1)).toBe('run.finished');
      expect(steps.filter((name) => name === 'run.finished')).toHaveLength(1);
      const output = mine.filter(({ name }) => name === 'run.output').map(({ payload }) => payload);
      expect(output.map(({ seq }) => seq)).toEqual(output.map((_, index) => index));
      const textOf = (stream: string): string =>
        output
          .filter((piece) => piece.stream === stream)
          .map(({ text }) => text)
          .join('');
      expect(textOf('stdout')).toBe(lines);
      expect(textOf('stderr')).toBe('odd\n');
    }
    expect(told).toMatchObject({ status: 'completed', result: '42', error: null, entry: 'snippet', position: null });
    expect(await read(id)).toEqual(told);
    for (const measured of ['queueMs', 'wallMs', 'cpuMs', 'memoryBytes']) expect(told[measured]).toBeGreaterThan(0);
  });

  test('of a TypeScript file sees what is typed now and the files that it imports, as they are now', async () => {
    await runners.file('src/lib/sum.ts', 'export const sum = (a: number, b: number): number => a + b;');
    const deep = await runners.file('src/lib/deep/name.js', 'export default "old name";');
    const entry = await runners.file('src/main.ts', 'let unfinished');
    await owner.client.ask('file.write', { fileId: deep, content: 'export default "new name";' });
    const content = `import { sum } from './lib/sum.js';\nimport name from './lib/deep/name.js';\nconsole.log(name, sum(1, 2) as number);`;
    await owner.client.ask('file.write', { fileId: entry, content });
    expect(await run({ fileId: entry })).toMatchObject({
      status: 'completed',
      language: 'typescript',
      entry: 'src/main.ts',
      fileId: entry,
      output: 'new name 3\n',
    });
  });

  test('of a snippet reads its input and the files of the room', async () => {
    await runners.file('shout.js', 'export const shout = (text) => text.toUpperCase();');
    const code = `import { shout } from './shout.js';\nconsole.log(shout(readline()));`;
    const done = await run({ code, stdin: 'first line\nsecond' });
    expect(done).toMatchObject({ status: 'completed', output: 'FIRST LINE\n' });
  });

  test('that throws tells the file of the room, line and column', async () => {
    await runners.file('thrower.js', 'export function fail() {\n  throw new TypeError("not today");\n}\n');
    const entry = await runners.file('fails.js', `import { fail } from './thrower.js';\n\nfail();\n`);
    const done = await run({ fileId: entry });
    expect(done).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('not today'), file: 'thrower.js', line: 2, column: 9 },
    });
    expect(done.error.stack).toContain('fails.js:3');
    expect(await read(done.id)).toEqual(done);
  });

  test('that does not parse tells where', async () => {
    const entry = await runners.file('broken.js', 'let a = 1;\nlet = = 2;\n');
    expect(await run({ fileId: entry })).toMatchObject({ status: 'failed', error: { file: 'broken.js', line: 2 } });
  });

  test.each([
    ['U+0000', 'a\\u0000b'],
    ['half of a surrogate pair', 'a\\ud800b'],
    ['what looks like an escape', 'a\\\\u0000b \\\\ud800'],
    ['line ends and markup', 'a\\r\\n<b>\\u2028'],
  ])('with %s in output, result and error ends and is stored', async (_what, text) => {
    const done = await run({ code: `console.log("${text}"); globalThis.x = "${text}"; throw new Error("${text}")` });
    expect(done).toMatchObject({ status: 'failed' });
    const stored = await read(done.id);
    expect(stored).toEqual(done);
    expect(stored.error.message).toContain('a');
    const result = await run({ code: `"${text}"` });
    expect(await read(result.id)).toMatchObject({ status: 'completed' });
  });
});

describe('a run without end is ended while the room goes on:', () => {
  test('a loop → timeout', async () => {
    const { data } = await runners.start({ code: 'for (;;);' });
    const typing = await owner.client.ask('file.create', { roomId: room.id, path: 'meanwhile.js' });
    expect(typing.file.path).toBe('meanwhile.js');
    expect(await finished(data.execution.id)).toMatchObject({ status: 'timeout', error: { kind: 'timeout' } });
  });

  test('allocation → failed', async () => {
    const done = await run({ code: 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));' });
    expect(done).toMatchObject({ status: 'failed', error: { kind: 'memory' } });
  });

  test('a flood of output → in few events, and the room answers meanwhile', async () => {
    const code = `setInterval(() => { for (let i = 0; i < 30; i++) console.log('x'.repeat(200)); }, 5)`;
    const { data } = await runners.start({ code });
    const { id } = data.execution;
    await runners.heard('run.output', id);
    const about = (name: string) =>
      owner.client.events.filter((event) => event.name === name && event.payload.executionId === id);
    const over = () =>
      owner.client.events.some((event) => event.payload.execution?.id === id && event.name === 'run.finished');
    const times: number[] = [];
    while (!over()) {
      const from = performance.now();
      await owner.client.ask('file.list', { roomId: room.id });
      times.push(performance.now() - from);
    }
    expect(times.length).toBeGreaterThan(3);
    expect(times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]).toBeLessThan(200);
    const { wallMs } = await finished(id);
    // One at once, then one for each 40 ms, and some for what is told at the end.
    expect(about('run.output').length).toBeLessThan(wallMs / 40 + 10);
  });

  test('output → cut off, and said so', async () => {
    const done = await run({ code: 'for (;;) console.log("x".repeat(1000));' });
    expect(done.outputTruncated).toBe(true);
    expect(['failed', 'timeout']).toContain(done.status);
    const stored = await read(done.id);
    expect(stored).toEqual(done);
  });
});

describe('who may', () => {
  test('cancel: who started it and the owner, once, and everybody hears it', async () => {
    const eve = await room.member('collaborator');
    for (const canceller of [bob, owner]) {
      const { data } = await runners.start({ code: 'for (;;);' }, bob);
      const executionId = data.execution.id;
      await runners.heard('run.started', executionId);
      expect(await eve.client.call('run.cancel', { executionId })).toMatchObject({ error: { code: 'forbidden' } });
      expect(await canceller.client.ask('run.cancel', { executionId })).toEqual({ cancelled: true });
      expect(await finished(executionId, eve)).toMatchObject({ status: 'cancelled' });
      expect(await canceller.client.ask('run.cancel', { executionId })).toEqual({ cancelled: false });
      expect(await read(executionId)).toMatchObject({ status: 'cancelled' });
    }
  });

  test('start: participants yes, viewers no', async () => {
    const viewer = await room.member('viewer');
    expect(await runners.start({ code: '1' }, viewer)).toMatchObject({ error: { code: 'forbidden' } });
    expect(await run({ code: '1' }, bob)).toMatchObject({ status: 'completed', userId: bob.id });
    const [{ executions }] = [await viewer.client.ask('run.list', { roomId: room.id, limit: 1 })];
    expect(executions).toHaveLength(1);
  });
});

test('a run under way is read and listed with its output so far', async () => {
  const { data } = await runners.start({ code: 'console.log("so far"); for (;;);' });
  const { id } = data.execution;
  await runners.heard('run.output', id);
  const live = { id, status: 'running', output: 'so far\n', completedAt: null };
  expect(await read(id)).toMatchObject(live);
  const { executions } = await owner.client.ask('run.list', { roomId: room.id, limit: 3 });
  expect(executions[0]).toMatchObject({ id, status: 'running', outputPieces: 1, completedAt: null });
  await owner.client.ask('run.cancel', { executionId: id });
  await finished(id);
});

test('the list comes in pages, the newest first', async () => {
  const other = await runners.house.room();
  await runners.db.query(
    `insert into code_executions (session_id, language, code, status, created_at)
     select $1, 'javascript', n::text, 'completed', now() + (n / 3) * interval '1 second' from generate_series(1, 7) n`,
    [other.id],
  );
  const first = await other.owner.client.ask('run.list', { roomId: other.id, limit: 4 });
  const second = await other.owner.client.ask('run.list', { roomId: other.id, cursor: first.nextCursor });
  expect([first.executions.length, second.executions.length, second.nextCursor]).toEqual([4, 3, null]);
  const all = [...first.executions, ...second.executions];
  expect(new Set(all.map(({ id }) => id)).size).toBe(7);
  expect(all.map(({ createdAt }) => createdAt)).toEqual(
    all
      .map(({ createdAt }) => createdAt)
      .sort()
      .reverse(),
  );
});

describe('is refused', () => {
  test.each([
    ['a language that is not there', { code: '1', language: 'cobol' }, 'language_unavailable'],
    ['a language made up', { code: '1', language: 'a\0b' }, 'invalid_input'],
    ['a snippet without a language', { code: '1', language: undefined }, 'invalid_input'],
    ['both a file and a snippet', { code: '1', language: 'javascript', fileId: crypto.randomUUID() }, 'invalid_input'],
    ['neither', {}, 'invalid_input'],
    ['a file that is not there', { fileId: crypto.randomUUID() }, 'not_found'],
  ])('%s', async (_what, input, code) => {
    const rows = async (): Promise<any> => (await runners.db.query('select count(*) from code_executions')).rows;
    const before = await rows();
    expect(await runners.start(input)).toMatchObject({ error: { code } });
    expect(await rows()).toEqual(before);
  });

  test('a file of no language', async () => {
    const fileId = await runners.file('notes.txt', 'text');
    expect(await runners.start({ fileId })).toMatchObject({ error: { code: 'language_unavailable' } });
    await until(async () => (await owner.client.ask('run.list', { roomId: room.id })).executions.length > 0);
  });
});
