// The architecture, checked: ranks, cycles, sizes, and that every rule of a SPEC.md has a test.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = path.join(import.meta.dirname, '..');
const MAX_LINES = 300;
/** Far below what there is: a parser that cannot read TypeScript finds none at all, and would complain of nothing. */
const LEAST_MODULES = 100;

interface Violation {
  readonly rule: { readonly name: string };
  readonly from: string;
  readonly to: string;
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: { readonly violations: readonly Violation[] };
}

async function cruise(folder: string, ...what: string[]): Promise<Cruise> {
  const cruiser = path.join(ROOT, 'node_modules/.bin/depcruise');
  const flags = ['--config', path.join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await promisify(execFile)(process.execPath, [cruiser, ...flags, ...what], options);
  return JSON.parse(stdout) as Cruise;
}

const violationsOf = ({ summary }: Cruise): string[] =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);

function sources(...folders: string[]): { name: string; text: string }[] {
  const names = folders.flatMap((folder) => fs.globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT })).sort();
  return names.map((name) => ({ name, text: fs.readFileSync(path.join(ROOT, name), 'utf8') }));
}

/** The code without comments and the contents of strings, so that only what runs is found in it. */
function codeOf(text: string): string {
  return text.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/.*|\/\*[\s\S]*?\*\//g, '""');
}

describe('ranks', () => {
  test('nothing imports upwards or sideways, and there is no cycle', async () => {
    const found = await cruise(ROOT, 'src', 'migrations', 'test');
    expect(found.modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThan(LEAST_MODULES);
    expect(violationsOf(found)).toEqual([]);
  });

  describe('a planted violation is found:', () => {
    /** [what it is, the rule that must find it, where it is planted, the text] */
    const PLANTED: [string, string, string, string][] = [
      [
        'an import upwards',
        'rank-0',
        'src/protocol/up.ts',
        "import { x } from '../kernel/thing.ts'; export const y = x;",
      ],
      ['one of a type only', 'rank-2', 'src/documents/up.ts', "import type { Thing } from '../transport/thing.ts';"],
      ['of the wiring', 'config-apart', 'src/config.ts', "import './kernel/thing.ts';"],
      ['of the client', 'rank-4', 'src/transport/up.ts', "export * from '../client/thing.ts';"],
      ['between the lowest', 'db-apart-from-cluster', 'src/db/side.ts', "import '../cluster/thing.ts';"],
      ['between engines', 'documents-apart-from', 'src/documents/side.ts', "import '../kernel/thing.ts';"],
      ['between slices', 'slices-apart', 'src/features/chat.ts', "import './runs/runs.ts';"],
      ['from the client into the server', 'client', 'src/client/down.ts', "import '../db/thing.ts';"],
      ['of pg outside db', 'package-pg', 'src/kernel/sql.ts', "import pg from 'pg'; export default pg;"],
      ['of a type of yjs', 'package-yjs', 'src/kernel/text.ts', "import type { Doc } from 'yjs';"],
      ['of a transport in a slice', 'package-transports', 'src/features/web.ts', "import 'fastify';"],
      ['of our code in a migration', 'migrations', 'migrations/0001_x.ts', "import '../src/db/thing.ts';"],
      ['of a test', 'no-tests', 'src/db/tested.ts', "import '../../test/until.ts';"],
      ['of a development package', 'only-declared', 'src/db/dev.ts', "import '@jest/globals';"],
      ['of nothing', 'no-unresolvable', 'src/db/gone.ts', "import './nowhere.ts';"],
      [
        'a cycle of types',
        'no-cycles',
        'src/db/one.ts',
        "import type { Two } from './two.ts'; export type One = Two[];",
      ],
    ];
    const ALLOWED = [
      ['test/until.ts', 'export {};'],
      ['src/features/runs/runs.ts', "import '../../kernel/thing.ts'; import './program.ts';"],
      ['src/features/runs/program.ts', "import 'kysely';"],
      ['src/db/two.ts', "import type { One } from './one.ts'; export type Two = One | string;"],
      ...['protocol', 'db', 'cluster', 'kernel', 'documents', 'transport', 'client'].map(
        (part) => [`src/${part}/thing.ts`, 'export const x = 1;'] as const,
      ),
    ];
    let folder: string;
    let found: readonly Violation[];

    beforeAll(async () => {
      folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coderoom-ranks-'));
      for (const name of ['package.json', 'node_modules'])
        fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
      for (const [name, text] of [...ALLOWED, ...PLANTED.map(([, , name, text]) => [name, text] as const)]) {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.writeFileSync(path.join(folder, name), text);
      }
      found = (await cruise(folder, 'src', 'migrations', 'test')).summary.violations;
    });
    afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

    test.each(PLANTED)('%s', (_what, rule, name) => {
      const rules = found.filter(({ from }) => from === name).map((violation) => violation.rule.name);
      expect(rules).toContainEqual(expect.stringContaining(rule));
    });

    test('and nothing else is', () => {
      const planted = PLANTED.map(([, , name]) => name);
      expect(found.filter(({ from }) => !planted.includes(from))).toEqual([]);
    });
  });
});

describe('files', () => {
  const written = sources('src', 'test', 'migrations').filter(({ text }) => !text.startsWith('// Generated'));

  test(`no file is longer than ${MAX_LINES} lines`, () => {
    const long = written.map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).toEqual([]);
  });

  test('the wiring stays small enough to be read at once', () => {
    const lines = Object.fromEntries(written.map(({ name, text }) => [name, text.split('\n').length - 1]));
    expect(lines['src/server.ts']).toBeLessThanOrEqual(200);
    expect(lines['src/main.ts']).toBeLessThanOrEqual(60);
  });

  test('names are kebab-case nouns', () => {
    const odd = /(^|[/-])(utils?|helpers?|managers?|services?|base|common|misc)[.-]|[A-Z]/;
    expect(written.map(({ name }) => name).filter((name) => odd.test(name))).toEqual([]);
  });

  test('relative imports name the file with its ending', () => {
    // Only statements: texts of guest programs hold other ones.
    const relative = /^(?:(?:import|export|\}) (?:[^'"\n]* )?from|import) ['"](\.{1,2}\/[^'"\n]*)['"]/gm;
    const bare = written.flatMap(({ name, text }) =>
      [...text.matchAll(relative)]
        .filter(([, to]) => !/\.[a-z]+$/.test(to as string))
        .map(([, to]) => `${name}: ${to}`),
    );
    expect(bare).toEqual([]);
  });

  test('only config.ts reads the environment, and nothing writes to the console', () => {
    const code = sources('src').map(({ name, text }) => ({ name, code: codeOf(text) }));
    const reads = code.filter(({ code }) => /\bprocess\s*(\?\.|\.)\s*env\b/.test(code)).map(({ name }) => name);
    expect(reads).toEqual(['src/config.ts']);
    expect(code.filter(({ code }) => /\bconsole\s*(\?\.|\.)/.test(code)).map(({ name }) => name)).toEqual([]);
  });
});

describe('yjs', () => {
  test('is there once: two copies do not know each other’s types', () => {
    const installed = fs.globSync(['node_modules/yjs', 'node_modules/{*,@*/*}/**/node_modules/yjs'], { cwd: ROOT });
    expect(installed).toEqual(['node_modules/yjs']);
  });

  test('is one instance for the engine, the client and the stock provider, as Node finds it', async () => {
    const parts = [
      './src/documents/document-state.ts',
      './src/client/index.ts',
      'y-websocket',
      'y-protocols/awareness',
    ];
    // Yjs itself complains on standard error when it is loaded a second time.
    const program = `await Promise.all(${JSON.stringify(parts)}.map((part) => import(part))); process.exit()`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT });
    expect((await run).stderr).toBe('');
  });

  test('is one instance for the server, the protocol package and a test', async () => {
    const [yjs, { initialUpdate }, sync, decoding, encoding] = await Promise.all([
      import('yjs'),
      import('../src/documents/update-merge.ts'),
      import('y-protocols/sync'),
      import('lib0/decoding'),
      import('lib0/encoding'),
    ]);
    const from = new yjs.Doc();
    yjs.applyUpdate(from, initialUpdate('abc'));
    const message = encoding.createEncoder();
    sync.writeSyncStep2(message, from);
    const to = new yjs.Doc();
    sync.readSyncMessage(decoding.createDecoder(encoding.toUint8Array(message)), encoding.createEncoder(), to, null);
    expect(to.getText('content')).toBeInstanceOf(yjs.Text);
    expect(to.getText('content').toJSON()).toBe('abc');
  });
});

describe('rules', () => {
  const defined = fs
    .globSync('src/**/SPEC.md', { cwd: ROOT })
    .flatMap((name) => [
      ...fs.readFileSync(path.join(ROOT, name), 'utf8').matchAll(/^(?:[-*#]+ )?\**([A-Z]{2,}\d+)\b/gm),
    ])
    .map(([, id]) => id as string);
  /** Ids at the start of a quoted title: `[DOC7] …`, `[DOC7, DOC8] …`, `[DOC7] [EX3] …`. */
  const titles = sources('test').flatMap(
    ({ text }) => text.match(/(?<=['"`])(?:\[[A-Z]{2,}\d+(?:, ?[A-Z]{2,}\d+)*\] ?)+/g) ?? [],
  );
  const cited = new Set(titles.flatMap((title) => title.match(/[A-Z]+\d+/g) ?? []));

  test('every id is defined once', () => {
    expect(defined.filter((id, at) => defined.indexOf(id) !== at)).toEqual([]);
  });

  test('every rule has a test, and every cited rule exists', () => {
    expect(defined.filter((id) => !cited.has(id))).toEqual([]);
    expect([...cited].filter((id) => !defined.includes(id))).toEqual([]);
  });
});
