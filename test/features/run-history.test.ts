// Runs that were: their output with its streams, what ran, running it again as it was, and finding it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

describe('output is kept with its streams', () => {
  test('and comes back in the order it was printed in, to somebody who came later', async () => {
    const code = `console.log('a'); console.log('b'); console.error('c 👩‍🚀'); console.log('d'); console.error('');`;
    const { execution } = await runners.run({ code });
    const late = await runners.room.member('viewer');
    const { pieces, execution: read } = await late.client.ask('run.get', { executionId: execution.id });
    expect(pieces).toEqual([
      { seq: 0, stream: 'stdout', text: 'a\nb\n' },
      { seq: 1, stream: 'stderr', text: 'c 👩‍🚀\n' },
      { seq: 2, stream: 'stdout', text: 'd\n' },
      { seq: 3, stream: 'stderr', text: '\n' },
    ]);
    expect(read.outputPieces).toBe(4);
  });

  test('also while it goes on: what was printed until now, numbered as the events go on', async () => {
    const code = `console.log('first'); console.error('second'); setInterval(() => console.log('tick'), 20);`;
    const { data } = await runners.start({ code });
    const { id } = data.execution;
    await runners.heard('run.output', id);
    const late = await runners.room.member('participant');
    const detail = await late.client.ask('run.get', { executionId: id });
    expect(detail.outcome).toBeNull();
    expect(detail.pieces.map(({ seq }: any) => seq)).toEqual(detail.pieces.map((_: unknown, index: number) => index));
    await late.client.event('run.output', ({ executionId, seq }) => executionId === id && seq >= detail.pieces.length);
    const heard = late.client.events.filter(({ name, payload }) => name === 'run.output' && payload.executionId === id);
    const known = new Map(
      [...detail.pieces, ...heard.map(({ payload }) => payload)].map((piece) => [piece.seq, piece]),
    );
    expect([...known.keys()].sort((a, b) => a - b)).toEqual([...known.keys()].map((_, index) => index));
    await runners.owner.client.ask('run.cancel', { executionId: id });
    await runners.finished(id);
  });

  test('lists do not carry it', async () => {
    await runners.run({ code: `console.log('x'.repeat(100_000)); 'y'.repeat(1000)` });
    const answer = await runners.owner.client.ask('run.list', { roomId: runners.room.id });
    expect(JSON.stringify(answer)).not.toContain('xxx');
    expect(JSON.stringify(answer)).not.toContain('yyy');
  });
});

describe('a part of a file', () => {
  test('runs at its place: the file’s lines and columns in errors, its imports, nothing else of it', async () => {
    await runners.file('parts/shout.js', 'export const shout = (text) => text.toUpperCase();');
    const before = `throw new Error('never');\n\n`;
    const code = `  import { shout } from './shout.js';\n  console.log(shout('part'));\n  null.x;`;
    const fileId = await runners.file('parts/main.js', `${before}${code}\n`);
    const detail = await runners.run({ fileId, code, line: 3 });
    expect(textOf(detail)).toBe('PART\n');
    expect(detail.execution).toMatchObject({
      kind: 'selection',
      fileId,
      entry: 'parts/main.js',
      error: { file: 'parts/main.js', line: 5, column: 8 },
    });
    expect(detail.source).toEqual({
      code,
      line: 3,
      stdin: null,
      args: [],
      files: ['parts/shout.js'],
      environmentId: expect.any(String),
      repeatOf: null,
    });
  });

  test.each([
    ['without a line', { code: '1' }],
    ['without code', { line: 1 }],
    ['from line 0', { code: '1', line: 0 }],
  ])('is refused %s', async (_what, input) => {
    const fileId = await runners.file(`refused-${crypto.randomUUID()}.js`, '1');
    expect(await runners.start({ fileId, ...input })).toMatchObject({ error: { code: 'invalid_input' } });
  });
});

describe('running again', () => {
  test('takes code, imports and input as they were then, though all of it changed or is gone', async () => {
    const library = await runners.file('then/library.js', `export default 'old library';`);
    const text = `import name from './library.js';\nconsole.log(name, 'in', readline());`;
    const entry = await runners.file('then/main.js', text);
    const first = await runners.run({ fileId: entry, stdin: 'old input' });
    expect(textOf(first)).toBe('old library in old input\n');
    await runners.owner.client.ask('file.write', { fileId: library, content: `export default 'new';` });
    await runners.owner.client.ask('file.write', { fileId: entry, content: `console.log('new')` });
    await runners.owner.client.ask('file.delete', { fileId: library });
    await runners.owner.client.ask('file.delete', { fileId: entry });
    const bob = await runners.room.member('participant');
    const again = await bob.client.ask('run.repeat', { executionId: first.execution.id });
    const second = await runners.finished(again.execution.id);
    expect(textOf(second)).toBe('old library in old input\n');
    expect(second.execution).toMatchObject({
      userId: bob.id,
      entry: 'then/main.js',
      kind: 'file',
      status: 'completed',
    });
    expect(second.source).toMatchObject({ code: text, repeatOf: first.execution.id, files: ['then/library.js'] });
    const given = await bob.client.ask('run.repeat', { executionId: first.execution.id, stdin: 'other input' });
    expect(textOf(await runners.finished(given.execution.id))).toBe('old library in other input\n');
  });

  test('stores a text once, however many runs had it', async () => {
    await runners.file('once.js', `export default 'stored once';`);
    for (let runs = 0; runs < 2; runs++) await runners.run({ code: `import './once.js'` });
    const query = `select content from execution_sources where content like '%stored once%'`;
    expect(await runners.rows(query)).toHaveLength(1);
  });

  test('is not for viewers, and not for another room’s members', async () => {
    const { execution } = await runners.run({ code: '1' });
    const other = await runners.house.room();
    const viewer = await runners.room.member('viewer');
    for (const who of [viewer, other.owner]) {
      const answer = await who.client.call('run.repeat', { executionId: execution.id });
      expect(answer).toMatchObject({ error: { code: 'forbidden' } });
    }
  });
});

describe('the list', () => {
  test('is filtered by user, language, state, kind, file and time, in pages', async () => {
    const other = await runners.house.room();
    const { id: roomId, owner } = other;
    const bob = await other.member('participant');
    const { file } = await owner.client.ask('file.create', { roomId, path: 'listed.js', content: '' });
    await runners.db.query(
      `insert into code_executions (session_id, user_id, file_id, kind, language, code, status, created_at)
       select $1, case when n % 2 = 0 then $2 else $3 end::uuid, case when n % 3 = 0 then $4::uuid end,
         case when n % 3 = 0 then 'file' else 'snippet' end, case when n < 6 then 'python' else 'javascript' end, n::text,
         case when n % 4 = 0 then 'failed' else 'completed' end, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour'
       from generate_series(0, 11) n`,
      [roomId, owner.id, bob.id, file.id],
    );
    const hours = async (filter: object): Promise<number[]> => {
      const found: any[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: any = await bob.client.ask('run.list', { roomId, limit: 2, ...(cursor && { cursor }), ...filter });
        found.push(...page.executions);
        cursor = page.nextCursor;
      }
      return found.map(({ createdAt }) => new Date(createdAt).getUTCHours());
    };
    expect(await hours({})).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await hours({ userId: owner.id })).toEqual([10, 8, 6, 4, 2, 0]);
    expect(await hours({ language: 'python' })).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await hours({ status: 'failed' })).toEqual([8, 4, 0]);
    expect(await hours({ fileId: file.id })).toEqual([9, 6, 3, 0]);
    expect(await hours({ kind: 'snippet', language: 'python' })).toEqual([5, 4, 2, 1]);
    expect(await hours({ from: '2026-01-01T03:00:00Z', to: '2026-01-01T06:00:00Z' })).toEqual([5, 4, 3]);
    expect(await hours({ userId: bob.id, status: 'failed' })).toEqual([]);
  });
});
