// What a run is given: arguments, and input that people type while it runs.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

const ASKS = `const name = prompt('Name?'); console.log('Hello,', name); console.log(prompt('Again?') ?? 'the end');`;

async function waiting(code: string, more: object = {}): Promise<string> {
  const { data } = await runners.start({ code, interactive: true, ...more });
  const { id } = data.execution;
  await runners.owner.client.event('run.waiting', (payload) => payload.executionId === id && payload.waitsForInput);
  return id;
}

test('arguments reach the program, and again when it is repeated', async () => {
  const first = await runners.run({ code: 'console.log(JSON.stringify(args))', args: ['one', 'two words', ''] });
  expect(textOf(first)).toBe('["one","two words",""]\n');
  expect(first.source.args).toEqual(['one', 'two words', '']);
  const { execution } = await runners.owner.client.ask('run.repeat', { executionId: first.execution.id });
  expect(textOf(await runners.finished(execution.id))).toBe('["one","two words",""]\n');
  const again = { executionId: first.execution.id, args: ['other'] };
  const other = await runners.owner.client.ask('run.repeat', again);
  expect(textOf(await runners.finished(other.execution.id))).toBe('["other"]\n');
});

describe('a program that asks', () => {
  test('waits, everybody sees that and what is typed, and it goes on', async () => {
    const bob = await runners.room.member('viewer');
    const id = await waiting(ASKS);
    const { execution } = await bob.client.ask('run.get', { executionId: id });
    expect(execution).toMatchObject({ status: 'running', interactive: true, waitsForInput: true });
    const ask = (input: object) => runners.owner.client.ask('run.input', { executionId: id, ...input });
    expect(await ask({ text: 'Ada\n' })).toEqual({ accepted: true });
    await bob.client.event('run.output', ({ executionId, text }) => executionId === id && text.includes('Hello, Ada'));
    const seen = bob.client.events.filter(({ name, payload }) => name === 'run.output' && payload.executionId === id);
    expect(seen.some(({ payload }) => payload.stream === 'stdin' && payload.text === 'Ada\n')).toBe(true);
    expect(await ask({ end: true })).toEqual({ accepted: true });
    const done = await runners.finished(id);
    expect(done.execution).toMatchObject({ status: 'completed', waitsForInput: false });
    expect(done.execution.inputMs).toBeGreaterThan(0);
    expect(done.execution.wallMs).toBeGreaterThanOrEqual(done.execution.inputMs);
    expect(textOf(done)).toContain('the end');
    expect(done.pieces.filter(({ stream }: any) => stream === 'stdin').map(({ text }: any) => text)).toEqual(['Ada\n']);
    const input = runners.owner.client.call('run.input', { executionId: id, text: 'late\n' });
    expect(await input).toMatchObject({ ok: true, data: { accepted: false } });
    const facts = `select new_values from audit_logs where action = 'run.input' and resource_id = $1`;
    expect(await runners.rows(facts, [id])).toContainEqual({ new_values: { length: 4, end: false } });
  });

  test('is answered by who started it and by those who may write, and by nobody else', async () => {
    const [carol, dave, eve] = [
      await runners.room.member('participant'),
      await runners.room.member('collaborator'),
      await runners.room.member('viewer'),
    ];
    const code = `for (;;) { const line = prompt(); if (line === null) break; console.log('got', line); }`;
    const id = await waiting(code);
    for (const who of [carol, eve]) {
      const answer = await who.client.call('run.input', { executionId: id, text: 'no\n' });
      expect(answer).toMatchObject({ error: { code: 'forbidden' } });
    }
    expect(await dave.client.ask('run.input', { executionId: id, text: 'yes\n', end: true })).toEqual({
      accepted: true,
    });
    expect(textOf(await runners.finished(id))).toContain('got yes');
  });

  test('without being interactive has the end of its input at once, and takes none', async () => {
    const done = await runners.run({ code: ASKS, stdin: 'Given\n' });
    expect(textOf(done)).toContain('Hello, Given');
    expect(textOf(done)).toContain('the end');
    const { data } = await runners.start({ code: 'for (;;);' });
    const { id } = data.execution;
    await runners.heard('run.started', id);
    const answer = await runners.owner.client.call('run.input', { executionId: id, text: 'x' });
    expect(answer).toMatchObject({ error: { code: 'conflict' } });
    await runners.owner.client.ask('run.cancel', { executionId: id });
    await runners.finished(id);
  });

  test('can be cancelled while it waits', async () => {
    const id = await waiting(ASKS);
    expect(await runners.owner.client.ask('run.cancel', { executionId: id })).toEqual({ cancelled: true });
    expect((await runners.finished(id)).execution).toMatchObject({ status: 'cancelled', waitsForInput: false });
  });
});

test.each([
  ['too many', { args: Array.from({ length: 51 }, () => '') }],
  ['one that is too long', { args: ['x'.repeat(2001)] }],
  ['too much together', { args: Array.from({ length: 5 }, () => 'x'.repeat(2000)) }],
])('arguments are refused: %s', async (_what, input) => {
  expect(await runners.start({ code: '1', ...input })).toMatchObject({ error: { code: 'invalid_input' } });
});
