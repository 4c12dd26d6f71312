// SQL through the server: tables for everybody, for who comes late and from the database; files that are read; tests.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners();
});
afterAll(() => runners.close());

test('tables come with the end of a run, with its row, and for who asks later', async () => {
  const bob = await runners.room.member('participant');
  await runners.file('lib/more.sql', "insert into shop values (2, 'y');\nselect count(*) as shops from shop;\n");
  const code =
    "create table shop (id, name);\ninsert into shop values (1, 'x');\n.read lib/more.sql\nselect * from shop;\n";
  const fileId = await runners.file('main.sql', code);
  const { execution, outcome, pieces, source } = await runners.run({ fileId });
  expect(execution).toMatchObject({ status: 'completed', language: 'sql', error: null });
  expect(outcome.tables).toEqual([
    { columns: ['shops'], rows: [[2]], truncated: false, rowCount: 1 },
    {
      columns: ['id', 'name'],
      rows: [
        [1, 'x'],
        [2, 'y'],
      ],
      truncated: false,
      rowCount: 2,
      line: 4,
    },
  ]);
  expect(textOf({ pieces })).toContain(' id | name\n');
  expect(source.files).toEqual(['lib/more.sql']);
  expect((await runners.heard('run.finished', execution.id, bob)).outcome).toEqual(outcome);
  const [row] = await runners.rows('select result_tables, mode from code_executions where id = $1', [execution.id]);
  expect(row).toEqual({ result_tables: outcome.tables, mode: 'sandbox' });
  const again = await runners.owner.client.ask('run.repeat', { executionId: execution.id });
  const repeated = await runners.finished(again.execution.id);
  expect(repeated.outcome.tables).toEqual(outcome.tables);
});

test('a run that fails has the tables from before; its error names the place', async () => {
  const fileId = await runners.file('wrong.sql', 'select 1 as one;\n\nselect nope\nfrom users;\n');
  const { execution, outcome } = await runners.run({ fileId });
  expect(execution.error).toEqual({
    kind: 'exception',
    message: 'no such column: nope',
    file: 'wrong.sql',
    line: 3,
    column: 8,
  });
  expect(outcome).toEqual({
    result: null,
    tables: [{ columns: ['one'], rows: [[1]], truncated: false, rowCount: 1, line: 1 }],
  });
  const part = await runners.run({ fileId, code: 'select 2 as two;', line: 7 });
  expect(part.outcome.tables).toMatchObject([{ rows: [[2]], line: 7 }]);
});

test('test cases of a file of SQL: arguments in, the text of the tables expected', async () => {
  const fileId = await runners.file('by-id.sql', 'select name from users where id = ?1;\n');
  const expected = ' name\n--------------\n Ada Lovelace\n(1 row)\n';
  const cases = [
    { name: 'first', stdin: '', args: ['1'], expectedOutput: expected },
    { name: 'second', stdin: '', args: ['2'], expectedOutput: expected },
  ];
  const { execution } = await runners.owner.client.ask('run.test', { fileId, cases });
  const { verdicts } = await runners.finished(execution.id);
  expect(verdicts.map(({ verdict }: any) => verdict)).toEqual(['passed', 'wrong_output']);
});
