// Test cases: kept per file, run together, each with its verdict.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sameOutput } from '../../src/features/runs/verdict.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

const ADDER = `const [a, b] = [Number(args[0] ?? readline()), Number(readline())];\nconsole.log(a + b);\n`;

const adder = (): Promise<string> => runners.file(`adder-${crypto.randomUUID()}.js`, ADDER);
const save = (input: object, who = runners.owner): Promise<any> => who.client.ask('test.save', input);

async function runTests(input: object, who = runners.owner): Promise<any> {
  const { execution } = await who.client.ask('run.test', input);
  return runners.finished(execution.id);
}

describe('cases of a file', () => {
  test('are made, changed, listed and removed; everybody hears of it', async () => {
    const bob = await runners.room.member('viewer');
    const fileId = await adder();
    const caseId = crypto.randomUUID();
    const made = await save({ fileId, caseId, name: ' Two and two ', stdin: '2\n2\n', expectedOutput: '4' });
    expect(made.case).toMatchObject({ id: caseId, fileId, name: 'Two and two', args: [], expectedOutput: '4' });
    await bob.client.event('test.saved', ({ case: { id } }) => id === caseId);
    const second = await save({ fileId, name: 'Only ends', args: ['1'] });
    expect(second.case).toMatchObject({ stdin: '', args: ['1'], expectedOutput: null });
    await save({ fileId, caseId, name: 'Two and three', stdin: '2\n3\n', expectedOutput: '5' });
    const list = async () => (await bob.client.ask('test.list', { fileId })).cases.map(({ name }: any) => name);
    expect(await list()).toEqual(['Two and three', 'Only ends']);
    expect(await runners.owner.client.ask('test.remove', { fileId, caseId })).toEqual({ removed: true });
    await bob.client.event('test.removed', (payload) => payload.caseId === caseId && payload.fileId === fileId);
    expect(await runners.owner.client.ask('test.remove', { fileId, caseId })).toEqual({ removed: false });
    expect(await list()).toEqual(['Only ends']);
  });

  test('belong to their file: an id of another one is refused; they go with it; a file has a limit', async () => {
    const [one, other] = [await adder(), await adder()];
    const { case: known } = await save({ fileId: one, name: 'Mine' });
    const stolen = { fileId: other, caseId: known.id, name: 'Stolen' };
    expect(await runners.owner.client.call('test.save', stolen)).toMatchObject({ error: { code: 'conflict' } });
    const removed = await runners.owner.client.ask('test.remove', { fileId: other, caseId: known.id });
    expect(removed).toEqual({ removed: false });
    for (let index = 0; index < 30; index++) await save({ fileId: other, name: `Case ${index}` });
    const more = { fileId: other, name: 'One more' };
    expect(await runners.owner.client.call('test.save', more)).toMatchObject({ error: { code: 'limit_exceeded' } });
  });

  test('are for those who may write the file; participants run them, and others of their own', async () => {
    const [bob, eve] = [await runners.room.member('participant'), await runners.room.member('viewer')];
    const fileId = await adder();
    await save({ fileId, name: 'Stored', stdin: '1\n2\n', expectedOutput: '3' });
    const mine = { fileId, name: 'Mine' };
    expect(await bob.client.call('test.save', mine)).toMatchObject({ error: { code: 'forbidden' } });
    expect((await runTests({ fileId }, bob)).execution).toMatchObject({ status: 'completed', userId: bob.id });
    const given = await runTests({ fileId, cases: [{ name: 'Own', stdin: '3\n4\n', expectedOutput: '7' }] }, bob);
    expect(given.verdicts).toMatchObject([{ caseId: null, name: 'Own', verdict: 'passed' }]);
    expect(await eve.client.call('run.test', { fileId })).toMatchObject({ error: { code: 'forbidden' } });
  });
});

describe('a run of tests', () => {
  test('gives every case its verdict, as it comes and stored', async () => {
    const code = `${ADDER}if (args[0] === 'throw') throw new Error('as asked'); while (args[0] === 'spin');`;
    const fileId = await runners.file(`verdicts-${crypto.randomUUID()}.js`, code);
    const cases = [
      { name: 'Right', stdin: '1\n2\n', expectedOutput: '3' },
      { name: 'Wrong', stdin: '2\n2\n', expectedOutput: '5' },
      { name: 'Throws', args: ['throw'], stdin: '1\n', expectedOutput: 'NaN' },
      { name: 'Spins', args: ['spin'], stdin: '1\n' },
      { name: 'By arguments', args: ['40'], stdin: '2\n', expectedOutput: '42' },
    ];
    const ids: string[] = [];
    for (const each of cases) ids.push((await save({ fileId, ...each })).case.id);
    const { execution, verdicts, pieces, outcome } = await runTests({ fileId });
    expect(verdicts.map(({ name, verdict }: any) => [name, verdict])).toEqual([
      ['Right', 'passed'],
      ['Wrong', 'wrong_output'],
      ['Throws', 'failed'],
      ['Spins', 'timeout'],
      ['By arguments', 'passed'],
    ]);
    expect(verdicts[1]).toMatchObject({
      caseId: ids[1],
      output: '4\n',
      expectedOutput: '5',
      outputCut: false,
      error: null,
    });
    expect(verdicts[2].error).toMatchObject({ message: expect.stringContaining('as asked'), line: 3 });
    expect(execution).toMatchObject({
      kind: 'test',
      status: 'failed',
      tests: { passed: 2, done: 5, total: 5 },
      error: { kind: 'test', message: '3 of 5 tests failed.' },
    });
    expect(outcome).toMatchObject({ result: null });
    expect(textOf({ pieces })).toContain('Test 2 of 5: Wrong\n4\n');
    const told = runners.owner.client.events.filter(
      ({ name, payload }) => name === 'run.tested' && payload.executionId === execution.id,
    );
    expect(told.map(({ payload }) => payload.verdict)).toEqual(verdicts);
    expect(told.map(({ payload }) => payload.tests.done)).toEqual([1, 2, 3, 4, 5]);
    const some = await runTests({ fileId, caseIds: [ids[0], ids[4]] });
    expect(some.execution).toMatchObject({ status: 'completed', error: null, tests: { passed: 2, done: 2, total: 2 } });
  });

  test('can be repeated as it was, though cases and code have changed', async () => {
    const fileId = await adder();
    const { case: known } = await save({ fileId, name: 'Sum', stdin: '1\n1\n', expectedOutput: '2' });
    const first = await runTests({ fileId });
    await save({ fileId, caseId: known.id, name: 'Sum', stdin: '1\n1\n', expectedOutput: 'something else' });
    await runners.owner.client.ask('file.write', { fileId, content: 'console.log("broken")' });
    const { execution } = await runners.owner.client.ask('run.repeat', { executionId: first.execution.id });
    const again = await runners.finished(execution.id);
    expect(again.execution).toMatchObject({ kind: 'test', status: 'completed', tests: { passed: 1, total: 1 } });
  });

  test('can be cancelled: what was tested is kept, the rest has no verdict', async () => {
    const fileId = await runners.file(`slow-${crypto.randomUUID()}.js`, `if (args[0]) for (;;);`);
    const cases = [{ name: 'Quick' }, { name: 'Endless', args: ['x'] }, { name: 'Never' }];
    const { execution } = await runners.owner.client.ask('run.test', { fileId, cases });
    const { id } = execution;
    await runners.owner.client.event(
      'run.output',
      ({ executionId, text }) => executionId === id && text.includes('2 of'),
    );
    expect(await runners.owner.client.ask('run.cancel', { executionId: id })).toEqual({ cancelled: true });
    const done = await runners.finished(id);
    expect(done.execution).toMatchObject({ status: 'cancelled', tests: { passed: 1, done: 2, total: 3 } });
    expect(done.verdicts.map(({ verdict }: any) => verdict)).toEqual(['passed', 'cancelled']);
    const { executions } = await runners.owner.client.ask('run.list', {
      roomId: runners.room.id,
      kind: 'test',
      limit: 1,
    });
    expect(executions[0].tests).toEqual({ passed: 1, done: 2, total: 3 });
  });

  test('needs cases', async () => {
    const fileId = await adder();
    expect(await runners.owner.client.call('run.test', { fileId })).toMatchObject({ error: { code: 'not_found' } });
    const unknown = { fileId, caseIds: [crypto.randomUUID()] };
    expect(await runners.owner.client.call('run.test', unknown)).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('outputs are compared', () => {
  test.each([
    ['line ends', 'a\r\nb\rc', 'a\nb\nc'],
    ['blanks at the end of lines', 'a  \nb\t', 'a\nb'],
    ['empty lines at the end', 'a\n\n  \n', 'a'],
    ['a line end at the end', 'a', 'a\n'],
    ['lines of blanks within', 'a\n \t \r\nb', 'a\n\nb'],
    ['what nothing is in', ' \r\n\t', ''],
  ])('without regard to %s', (_what, one, other) => {
    expect([sameOutput(one, other), sameOutput(other, one)]).toEqual([true, true]);
  });

  test.each([
    ['blanks at the start', ' a', 'a'],
    ['blanks within', 'a  b', 'a b'],
    ['empty lines before the end', 'a\n\nb', 'a\nb'],
    ['which blanks they are', 'a\tb', 'a b'],
    ['more behind the end', 'a\nb', 'a'],
    ['two line ends in one', 'a\n\rb', 'a\r\nb'],
    ['case', 'A', 'a'],
  ])('with regard to %s', (_what, one, other) => {
    expect([sameOutput(one, other), sameOutput(other, one)]).toEqual([false, false]);
  });
});
