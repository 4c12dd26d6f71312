// Python through the server: the files it imports and reads, input, errors with their place, tests, and one kept ready.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { openRunners, type Runners, textOf } from './runners.ts';

let runners: Runners;

beforeAll(async () => {
  runners = await openRunners({ SANDBOX_WARM: '1' });
  const fileId = await runners.file('open.py', '');
  await runners.owner.client.ask('doc.open', { fileId });
  // Who opens a file of Python has one started; the first of a checkout makes the snapshot.
  const isReady = async (): Promise<boolean> =>
    (await runners.owner.client.ask('run.load', { roomId: runners.room.id })).warm === 2;
  await until(isReady, { timeoutMs: 150_000 });
}, 150_000);
afterAll(() => runners.close());

test('a program gets the modules and the files that it names, as they were when it began', async () => {
  await runners.file('shapes/__init__.py', 'from .square import (\n  area, # of it\n  side as length,\n)\n');
  await runners.file('shapes/square.py', 'from . import sizes\nside = sizes.SIDE\ndef area(): return side ** 2\n');
  await runners.file('shapes/sizes.py', 'SIDE = 3\n');
  await runners.file('plugins/loud.py', 'NAME = "loud"\n');
  await runners.file('random.py', 'def choice(x): return "mine"\n');
  await runners.file('data/rows.csv', 'a;1\nb;2\n');
  await runners.file('unused.py', 'print("never")\n');
  const code = `import importlib, json, random
from shapes import area, \\
  length
plugin = importlib.import_module("plugins.loud")
with open("data/rows.csv") as file: rows = file.read().split()
print(area(), length, plugin.NAME, rows, random.choice([1]), json.dumps(1))
`;
  const fileId = await runners.file('main.py', code);
  const { execution, pieces, source } = await runners.run({ fileId });
  expect(execution).toMatchObject({ status: 'completed', language: 'python', error: null });
  expect(textOf({ pieces })).toBe("9 3 loud ['a;1', 'b;2'] mine 1\n");
  expect(source.files.toSorted()).toEqual([
    'data/rows.csv',
    'plugins/loud.py',
    'random.py',
    'shapes/__init__.py',
    'shapes/sizes.py',
    'shapes/square.py',
  ]);
});

test('an error and a selection name the line of the file; a part of a block runs without its indentation', async () => {
  await runners.file('lib/half.py', 'def half(n):\n    return n / 2\n');
  const fileId = await runners.file('app/wrong.py', 'from lib.half import half\n\nif True:\n    print(half("x"))\n');
  const { execution } = await runners.run({ fileId });
  expect(execution.error).toMatchObject({
    kind: 'exception',
    message: "TypeError: unsupported operand type(s) for /: 'str' and 'int'",
    file: 'lib/half.py',
    line: 2,
    column: 12,
    stack: expect.stringContaining('File "app/wrong.py", line 4, in <module>'),
  });
  const part = await runners.run({ fileId, code: '    a = 1\n    if a:\n        nothing\n', line: 7 });
  expect(part.execution.error).toMatchObject({
    message: expect.stringMatching(/^NameError/),
    file: 'app/wrong.py',
    line: 9,
  });
});

test('test cases of a file: input and arguments in, output compared', async () => {
  const fileId = await runners.file('sum.py', 'import sys\nprint(int(input()) + int(sys.argv[1]))\n');
  const cases = [
    { name: 'right', stdin: '1\n', args: ['2'], expectedOutput: '3' },
    { name: 'wrong', stdin: '1\n', args: ['3'], expectedOutput: '3' },
    { name: 'fails', stdin: 'x\n', args: ['3'], expectedOutput: '3' },
  ];
  const { execution } = await runners.owner.client.ask('run.test', { fileId, cases });
  const { verdicts } = await runners.finished(execution.id);
  expect(verdicts.map(({ verdict }: any) => verdict)).toEqual(['passed', 'wrong_output', 'failed']);
});
