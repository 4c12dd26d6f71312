import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Execution } from '../../src/execution/execution.ts';
import { until } from '../support/until.ts';
import { begin, openTestExecution, run, type Started } from './support.ts';

let execution: Execution;

beforeAll(async () => {
  execution = openTestExecution({ pool: { warm: 0, warmMost: 0 }, pythonPool: { warmMost: 1 } });
  await run(execution, { language: 'python' }); // the first of a checkout makes the snapshot
}, 150_000);
afterAll(() => execution.close());

const python = (code: string, more: Parameters<typeof run>[1] & object = {}) =>
  run(execution, { language: 'python', code, ...(more as object) });
const filesOf = (files: Record<string, string>, entry = 'main.py') =>
  run(execution, { language: 'python', files, entry });

describe('programs', () => {
  test('[EX30] Python is CPython; its streams in order, its last expression is the value', async () => {
    const code = `import sys
print("one"); print("zwei ä😀", file=sys.stderr); print("three", end="")
sys.stdout.flush(); sys.stderr.write("four\\n")
print(sys.implementation.name, sys.version_info.major)
{"a": [1, "x"]}`;
    const { all, stderr, result } = await python(code);
    expect(all).toBe('one\nzwei ä😀\nthreefour\ncpython 3\n');
    expect(stderr).toBe('zwei ä😀\nfour\n');
    expect(result).toMatchObject({ status: 'completed', value: "{'a': [1, 'x']}" });
    expect((await python('"""only words"""\nx = 1')).result.value).toBeUndefined();
  });

  test('[EX30] every run has a Python of its own, and randomness of its own', async () => {
    const code = `import builtins, json, random, uuid, secrets
print(getattr(builtins, "mine", None), hasattr(json, "mine"), "mine" in dir())
builtins.mine = json.mine = mine = 1
print(random.random(), uuid.uuid4(), secrets.token_hex(8))`;
    const [first, second] = [await python(code), await python(code)].map(({ stdout }) => stdout.split('\n'));
    expect(second![0]).toBe('None False False');
    expect(second![1]).not.toBe(first![1]);
  });

  test('[EX30] arguments; variables that nobody can change; the files of the room as files', async () => {
    const code = `import os, sys, pathlib
print(sys.argv[1:], os.environ["KEY"], os.getenv("KEY"), dict(os.environ), os.getcwd())
for change in (lambda: os.environ.update(A="x"), lambda: os.environ.pop("KEY"), lambda: os.environ.__delitem__("KEY")):
    try: change()
    except TypeError as e: print(e)
print(open("data/a.csv").read(), pathlib.Path(__file__).name, __name__)
open("new.txt", "w").write("mine"); print(open("new.txt").read())`;
    const files = { 'main.py': code, 'data/a.csv': 'x;ä' };
    const { stdout } = await run(execution, {
      language: 'python',
      files,
      args: ['a b', 'ü'],
      env: { KEY: 'välue' },
    });
    const refused = "the variables of a run's environment cannot be changed\n";
    expect(stdout).toBe(
      `['a b', 'ü'] välue välue {'KEY': 'välue'} /room\n${refused.repeat(3)}x;ä main.py __main__\nmine\n`,
    );
  });

  test.each([
    ['sys.exit()', 'completed', undefined, ''],
    ['sys.exit(3)', 'failed', 'the program ended with code 3', ''],
    ['sys.exit("bye")', 'failed', 'the program ended with code 1', 'bye\n'],
    ['os._exit(4)', 'failed', 'the program ended with code 4', ''],
    ['os.abort()', 'failed', 'Python itself crashed', ''],
  ])('[EX30] how a program ends itself: %s', async (...[call, status, message, stderr]) => {
    const told = await python(`import os, sys\nprint("begun")\n${call}\nprint("never")`);
    expect(told).toMatchObject({ stdout: 'begun\n', stderr, result: { status } });
    expect(told.result.error?.message).toBe(message);
  });

  test('[EX30] asyncio: timers, gather, and a wait that nothing can end', async () => {
    const code = `import asyncio, time
async def work(n):
    await asyncio.sleep(n / 100)
    return n
async def main():
    print(await asyncio.gather(work(3), work(1)), await asyncio.to_thread(sum, [1, 2]))
    try: await asyncio.wait_for(asyncio.Event().wait(), 0.02)
    except TimeoutError: print("late")
    await asyncio.Event().wait()
asyncio.run(main())`;
    const { stdout, result } = await python(code);
    expect(stdout).toBe('[3, 1] 3\nlate\n');
    expect(result.error?.message).toMatch(/waits for something that nothing can do any more/);
  });

  test('[EX30] sleeping takes no CPU time, and shows first what was printed', async () => {
    const started = begin(execution, {
      language: 'python',
      code: 'import time\nprint("dots", end="")\ntime.sleep(60)',
      limits: { wallMs: 1500 },
    });
    await until(() => started.events.some((event) => event.type === 'output' && event.text === 'dots'));
    const { result } = await started.told;
    expect(result.status).toBe('timeout');
    expect(result.cpuMs).toBeLessThan(500);
  });
});

describe('imports', () => {
  test('[EX31] modules, packages, relative imports, cycles, the standard library', async () => {
    const told = await filesOf({
      'main.py': 'import a, shapes.square as s\nfrom shapes import area\nprint(a.name, s.side, area(), a.b.name)',
      'a.py': 'import b, json\nname = json.dumps(["a"])',
      'b.py': 'import a\nname = "b"',
      'shapes/__init__.py': 'from .square import area',
      'shapes/square.py': 'from . import sizes\nside = sizes.SIDE\ndef area(): return side ** 2',
      'shapes/sizes.py': 'SIDE = 3',
    });
    expect(told).toMatchObject({ stdout: '["a"] 3 9 b\n', result: { status: 'completed' } });
  });

  test('[EX31] a program in a folder finds what is beside it, above it, and in its package', async () => {
    const told = await filesOf(
      {
        'app/run/main.py':
          'import beside, top\nfrom . import inside\nfrom ..other import x\nprint(beside.x, top.x, inside.x, x)',
        'app/run/beside.py': 'x = 1',
        'app/run/inside.py': 'x = 3',
        'app/other.py': 'x = 4',
        'top.py': 'x = 2',
      },
      'app/run/main.py',
    );
    expect(told).toMatchObject({ stdout: '1 2 3 4\n', result: { status: 'completed' } });
  });

  test('[EX31] most of the standard library is there', async () => {
    const names =
      'abc argparse array ast asyncio base64 bisect bz2 calendar collections configparser contextlib copy csv ' +
      'dataclasses datetime decimal difflib dis doctest email enum fnmatch fractions functools glob graphlib gzip ' +
      'hashlib heapq hmac html http inspect io ipaddress itertools json keyword linecache locale logging lzma math ' +
      'mimetypes numbers operator optparse os pathlib pickle platform pprint queue random re sched secrets shelve shlex ' +
      'shutil signal socket sqlite3 ssl statistics string struct subprocess sys tarfile tempfile textwrap threading time ' +
      'timeit token tokenize tomllib traceback types typing unicodedata unittest urllib.parse uuid warnings weakref ' +
      'xml.etree.ElementTree zipfile zlib zoneinfo';
    const code = `import importlib\nfor name in "${names}".split(): importlib.import_module(name)\nprint("all")
import sqlite3, hashlib\nprint(sqlite3.connect(":memory:").execute("select 1 + 1").fetchone(), hashlib.sha256(b"").hexdigest()[:4])`;
    expect(await python(code, { limits: { wallMs: 10_000, cpuMs: 10_000 } })).toMatchObject({
      stdout: 'all\n(2,) e3b0\n',
      result: { status: 'completed' },
    });
  });

  test('[EX32] what there is not says so: each way out has words of its own', async () => {
    const tries = {
      'import js': /No module named 'js' here: Python runs apart from any page/,
      'import pyodide_js': /here: Python runs apart/,
      'from pyodide.code import run_js': /'pyodide' here: Python runs apart/,
      'import pyodide.ffi': /here: Python runs apart/,
      'import _pyodide_core': /here: Python runs apart/,
      'import micropip': /here: packages cannot be installed/,
      'import ctypes': /here: only Python code/,
      'import _ctypes': /here: only Python code/,
      'import tkinter': /there is no screen/,
      'import socket; socket.socket()': /there is no network here/,
      'import socket; socket.create_connection(("127.0.0.1", 80))': /there is no network here/,
      'import urllib.request; urllib.request.urlopen("http://127.0.0.1")': /there is no network here/,
      'import subprocess; subprocess.run(["ls"])': /there are no processes here/,
      'import os; os.system("ls")': /there are no processes here/,
      'import multiprocessing; multiprocessing.Process(target=print).start()': /there are no processes/,
      'import threading; threading.Thread(target=print).start()': /there are no threads here/,
      'import concurrent.futures as c; c.ThreadPoolExecutor().submit(print)': /there are no threads here/,
    };
    const code = `import json, sys\nfor text in ${JSON.stringify(Object.keys(tries))}:
    try: exec(text); print("done")
    except BaseException as e: print(str(e).replace("\\n", " "))`;
    const said = (await python(code, { limits: { wallMs: 10_000, cpuMs: 10_000 } })).stdout.split('\n');
    for (const [i, words] of Object.values(tries).entries()) expect(said[i]).toMatch(words);
    const missing = (await python('import numpy')).result.error;
    expect(missing).toMatchObject({
      message: expect.stringContaining("only the standard library and this room's own"),
    });
  });
});

describe('errors', () => {
  test('[EX33] an exception has file, line, column and the traceback, with the names that the room knows', async () => {
    const told = await filesOf({
      'main.py': 'from lib.ä import half\n\nprint(half(4))\nprint(half("ü"))',
      'lib/ä.py': 'def half(n):\n    return "😀" and n / 2\n',
    });
    expect(told.stdout).toBe('2.0\n');
    const { error } = told.result;
    expect(error).toMatchObject({ kind: 'exception', file: 'lib/ä.py', line: 2, column: 20 });
    expect(error?.message).toBe("TypeError: unsupported operand type(s) for /: 'str' and 'int'");
    expect(error?.stack).toMatch(
      /^Traceback .*\n {2}File "main.py", line 4, in <module>\n[\s\S]*File "lib\/ä.py", line 2, in half\n/,
    );
    expect(error?.stack).not.toMatch(/\/room|coderoom|python3\d*\.zip/);
  });

  test('[EX33] causes, groups, and exceptions that cannot even be printed', async () => {
    const chained = (await python('try: 1/0\nexcept Exception as e: raise ValueError("second") from e')).result.error;
    expect(chained).toMatchObject({ message: 'ValueError: second', file: 'main.py', line: 2 });
    expect(chained?.stack).toMatch(/ZeroDivisionError: division by zero\n\nThe above exception was the direct cause/);
    const grouped = (await python('raise ExceptionGroup("g", [ValueError(1), TypeError(2)])')).result.error;
    expect(grouped?.stack).toMatch(/ValueError: 1[\s\S]*TypeError: 2/);
    const bad = 'class Bad(Exception):\n  def __str__(self): return 1/0\n  __repr__ = __str__\nraise Bad()';
    expect((await python(bad)).result.error).toMatchObject({ message: 'Bad: <exception str() failed>', line: 4 });
  });

  test.each([
    ['x = (1,\n', 'main.py', 1, 5, /^SyntaxError: '\(' was never closed/],
    ['def f():\n    return 1\n  print(2)', 'main.py', 3, 11, /^IndentationError/],
    ['x = 1\nreturn 5', 'main.py', 2, 1, /'return' outside function/],
    ['print("ä" if)', 'main.py', 1, 14, /^SyntaxError/],
    ['import broken', 'broken.py', 2, 5, /^SyntaxError/],
  ])('[EX33] a syntax error has its place: %j', async (...[code, file, line, column, message]) => {
    const { error } = (await filesOf({ 'main.py': code, 'broken.py': 'x = 1\nif x\n' })).result;
    expect(error).toMatchObject({ kind: 'syntax', file, line, message: expect.stringMatching(message) });
    expect(Math.abs(error!.column! - column)).toBeLessThanOrEqual(1);
  });

  test('[EX33] recursion without end: in Python, and below it', async () => {
    const first = (await python('def f(n): return f(n + 1)\nf(0)')).result.error;
    expect(first).toMatchObject({ kind: 'exception', message: expect.stringMatching(/^RecursionError/), line: 1 });
    const second = (await python('x = []\nfor i in range(10 ** 6): x = [x]\nrepr(x)')).result;
    expect(second.error?.message).toMatch(/^RecursionError|Python itself crashed/);
  });
});

describe('input', () => {
  const untilWaits = ({ events }: Started) => until(() => events.some((event) => event.type === 'input'));

  test('[EX34] input() and sys.stdin wait for what somebody types', async () => {
    const code = `import sys
name = input("name? ")
print("hello", name)
for line in sys.stdin: print("line", line.strip())
try: input()
except EOFError: print("end")`;
    const started = begin(execution, { language: 'python', code, interactive: true });
    await untilWaits(started);
    expect(started.events.findLast(({ type }) => type === 'output')).toMatchObject({ text: 'name? ' });
    execution.input(started.id, 'Ad');
    execution.input(started.id, 'ä\none\n');
    execution.input(started.id, 'two', { end: true });
    const { stdout, result } = await started.told;
    expect(stdout).toBe('name? hello Adä\nline one\nline two\nend\n');
    expect(result.status).toBe('completed');
  });

  test('[EX34] input that is there from the start, then the end', async () => {
    const told = await python('import sys\nprint(input(), sys.stdin.read().split())', { stdin: '1\r\n2\n3' });
    expect(told.stdout).toBe("1 ['2', '3']\n");
    expect((await python('input()')).result.error).toMatchObject({ message: 'EOFError: EOF when reading a line' });
  });
});

describe('limits', () => {
  test.each([
    ['a loop', 'while True: pass', 'timeout'],
    ['a huge number', '10 ** 10 ** 9', 'timeout'],
    ['a regular expression', 'import re\nre.match(r"(a+)+$", "a" * 40 + "!")', 'timeout'],
    [
      'a loop that keeps its exceptions',
      'while True:\n  try:\n    while True: pass\n  except BaseException: pass',
      'timeout',
    ],
    ['sleep in a loop', 'import time\nwhile True: time.sleep(0.01)', 'timeout'],
    ['a list', 'a = []\nwhile True: a.append(bytearray(10 ** 6))', 'memory'],
    ['a text', '"x" * 10 ** 9', 'memory'],
    ['a flood', 'while True: print("x" * 1000)', 'output'],
  ])('[EX35] %s', async (_, code, kind) => {
    const limits = kind === 'timeout' ? { wallMs: 1000 } : { wallMs: 10_000, cpuMs: 8000 };
    const { result } = await python(code, { limits, roomId: 'limits' });
    expect(result.error).toMatchObject({ kind });
    expect(result.outputBytes).toBeLessThan(3_000_000);
  });

  test('[EX35] a program may go on after it had too little memory, and gets less where less is allowed', async () => {
    const code = 'try: x = bytearray(90 * 2 ** 20)\nexcept MemoryError: x = None\nprint(x is None)';
    expect((await python(code)).stdout).toBe('False\n');
    expect((await python(code, { limits: { heapMb: 96 } })).stdout).toBe('True\n');
  });

  test('[EX35] cancelling a run that computes, and one that waits for input', async () => {
    for (const code of ['print("on")\nwhile True: pass', 'print("on")\ninput()']) {
      const started = begin(execution, { language: 'python', code, interactive: true });
      await until(() => started.events.some(({ type }) => type === 'output'));
      expect(execution.cancel(started.id)).toBe(true);
      expect((await started.told).result.status).toBe('cancelled');
    }
  });
});
