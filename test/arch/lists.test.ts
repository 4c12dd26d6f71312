// Every list is read page by page through the one keyset helper; those that are not are bounded by something named here.
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Command } from '../../src/protocol/define.ts';
import { commands } from '../../src/protocol/index.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** Lists in answers that have no pages, and what bounds them. */
const BOUNDED: Readonly<Record<string, string>> = {
  'country.list countries': 'ISO 3166-1',
  'persona.list personas': 'what the operator set up',
  'bot.list bots': 'BOTS_MOST',
  'room.join files': 'FILES_PER_ROOM',
  'room.join participants': 'MEMBERS_SHOWN',
  'room.get files': 'FILES_PER_ROOM',
  'room.get participants': 'MEMBERS_SHOWN',
  'file.list files': 'FILES_PER_ROOM',
  'permission.list permissions': 'PEOPLE_WITH_RULES',
  'test.list cases': 'CASES_PER_FILE',
  'run.get verdicts': 'CASES_PER_FILE',
  'run.get pieces': 'the output of one run, which the engine bounds',
  'run.statistics languages': 'GROUPS_LISTED',
  'run.statistics users': 'GROUPS_LISTED',
  'run.statistics errors': 'GROUPS_LISTED',
  'run.load sandboxes': 'QUEUE_LIMITS.running + POOL_LIMITS',
  'run.statistics series': 'SERIES_POINTS',
  'environment.list environments': 'ENVIRONMENTS_MOST',
  'environment.choices choices': 'one for each language',
  'environment.choose choices': 'one for each language',
  'language.list languages': 'the catalogue of the engine',
};

interface Shape {
  readonly properties?: Readonly<Record<string, { readonly type?: string }>>;
}

const shapeOf = (schema: z.ZodType, io: 'input' | 'output'): Shape =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Shape;

const fieldsOf = (shape: Shape): string[] => Object.keys(shape.properties ?? {});

test('an answer with a list has a cursor, and its command takes one; or it is bounded', () => {
  const unbounded: string[] = [];
  for (const { name, input, output } of Object.values<Command>(commands)) {
    const shape = shapeOf(output, 'output');
    const lists = fieldsOf(shape).filter((field) => shape.properties?.[field]?.type === 'array');
    const given = fieldsOf(shapeOf(input, 'input'));
    const paged = 'nextCursor' in (shape.properties ?? {}) && given.includes('cursor') && given.includes('limit');
    if (!paged) unbounded.push(...lists.map((list) => `${name} ${list}`));
  }
  expect(unbounded.sort()).toEqual(Object.keys(BOUNDED).sort());
});

/** Reading the first row is no list; what else is limited without the helper stands here with its bound. */
const LIMITED: Readonly<Record<string, readonly string[]>> = {
  'src/db/audit-chain.ts': ['limit SEAL_ROWS'],
  'src/db/audit-verify.ts': ['limit LINKS_AT_ONCE'],
  'src/db/page.ts': ['.limit(limit + 1)'],
  'src/db/name-reseal.ts': ['limit BATCH_ROWS'],
  'src/db/reseal.ts': ['limit BATCH_ROWS'],
  'src/db/retention.ts': ['limit BATCH_ROWS'],
  'src/db/views.ts': ['limit MEMBERS_SHOWN'],
};

/** In Kysely's words or in SQL. */
const LIMITS = /\.(?:limit|offset)\((?!1\))[^)]*\)|\b(?:limit|offset) (?:\$\{[^}]*\}|\$\d|[2-9]|\d\d+)/g;

test('nothing but the helper limits a query of many rows, and nothing skips rows', () => {
  const found: Record<string, string[]> = {};
  for (const name of fs.globSync('src/**/*.ts', { cwd: ROOT }).filter((file) => !/^src\/(web|client)\//.test(file))) {
    const text = fs.readFileSync(path.join(ROOT, name), 'utf8');
    const limits = text.match(LIMITS)?.map((limit) => limit.replace(/[${}]/g, ''));
    if (limits) found[name] = limits;
  }
  expect(found).toEqual(LIMITED);
});
