// Rules by path against a naive model, and the table of what they mean.
import { describe, expect, test } from '@jest/globals';
import { may as mayByRole } from '../../src/kernel/access.ts';
import { ACTION_OF, pathRights } from '../../src/kernel/path-rights.ts';
import type { Role } from '../../src/protocol/ids.ts';
import { matches } from '../../src/protocol/path-pattern.ts';
import { type PathRight, type PathRule, pathPattern } from '../../src/protocol/permissions.ts';
import { type Random, seededRandom } from '../support/random.ts';

const byRole = (role: Role) => (right: PathRight) => mayByRole(role, ACTION_OF[right]);
const rule = (path: string, allow: PathRight[] = [], deny: PathRight[] = []): PathRule => ({ path, allow, deny });

describe('a pattern', () => {
  test.each([
    ['/a.js', ['a.js'], ['b/a.js', 'a.jsx', 'A.js', 'a_js']],
    ['/private/*', ['private/a', 'private/.env'], ['private/a/b', 'private', 'privat/a']],
    ['/private/**', ['private/a', 'private/a/b', 'private'], ['privates/a', 'x/private/a']],
    ['/**', ['a', 'a/b/c'], []],
    ['/**/*.env', ['.env', 'a/b/x.env'], ['x.envs', 'a/env/b']],
    ['/a/**/z', ['a/z', 'a/b/z', 'a/b/c/z'], ['a', 'z', 'a/z/y']],
    ['/**/b/**/d', ['b/d', 'a/b/c/b/x/d'], ['b', 'a/d/b']],
    ['/*a*b*', ['ab', 'xaxbx', 'aabb'], ['ba', 'a/b']],
    ['/(a+)+$', ['(a+)+$'], ['aaaa']],
  ])('%s', (pattern, inside, outside) => {
    expect(pathPattern.safeParse(pattern).success).toBe(true);
    expect(inside.filter((path) => !matches(pattern, path))).toEqual([]);
    expect(outside.filter((path) => matches(pattern, path))).toEqual([]);
  });

  test.each([
    '',
    '/',
    'a',
    '//a',
    '/a/',
    '/./a',
    '/../a',
    '/a**',
    '/***',
    '/a\\b',
    '/a\0',
    ' /a',
    `/${'a/'.repeat(40)}a`,
  ])('is not: %j', (pattern) => {
    expect(pathPattern.safeParse(pattern).success).toBe(false);
  });

  test('stands for what a naive reading of it says', () => {
    const alphabet = ['a', 'b', '*'];
    for (let seed = 1; seed <= 3_000; seed++) {
      const random = seededRandom(seed);
      const segment = (letters: readonly string[]): string =>
        Array.from({ length: 1 + random.below(3) }, () => random.pick(letters)).join('');
      const parts = Array.from({ length: 1 + random.below(4) }, () =>
        random.below(3) === 0 ? '**' : segment(alphabet),
      );
      const pattern = `/${parts.map((part) => (part === '**' ? part : part.replaceAll(/\*+/g, '*'))).join('/')}`;
      const path = Array.from({ length: 1 + random.below(4) }, () => segment(['a', 'b'])).join('/');
      expect({ pattern, path, is: matches(pattern, path) }).toEqual({ pattern, path, is: naiveMatch(pattern, path) });
    }
  });

  test('that is made to take long does not', () => {
    const began = performance.now();
    const hostile = `/${Array.from({ length: 31 }, () => '**').join('/')}/b`;
    expect(matches(hostile, Array.from({ length: 250 }, () => 'a').join('/'))).toBe(false);
    expect(matches(`/${'*a'.repeat(250)}b`, 'a'.repeat(511))).toBe(false);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('and one of many rules that are made to take long for all files of a room neither', () => {
    const paths = Array.from({ length: 200 }, (_, n) => ['a'.repeat(500) + n, `${'a/'.repeat(31)}${n}`]).flat();
    const endings = Array.from({ length: 50 }, (_, n) => `b${n}`);
    const kinds = [`/*${'a'.repeat(254)}`, `/${'*a'.repeat(200)}`, `/**/${'a/'.repeat(15)}`];
    const began = performance.now();
    for (const kind of kinds) {
      const rights = pathRights('viewer', byRole('viewer'), [
        [endings.map((ending) => rule(kind + ending, ['write']))],
      ]);
      expect(paths.filter((path) => rights.may('write', path))).toEqual([]);
    }
    // A thousand times that where every place of a text was tried.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

/** Every way to read the wildcards, one after the other. */
function naiveMatch(pattern: string, path: string): boolean {
  const [parts, segments] = [pattern.slice(1).split('/'), path.split('/')];
  const below = (part: number, segment: number): boolean => {
    if (part === parts.length) return segment === segments.length;
    if (parts[part] === '**') {
      for (let to = segment; to <= segments.length; to++) if (below(part + 1, to)) return true;
      return false;
    }
    return segment < segments.length && within(parts[part]!, segments[segment]!) && below(part + 1, segment + 1);
  };
  return below(0, 0);
}

function within(part: string, segment: string): boolean {
  if (part === '') return segment === '';
  if (part[0] !== '*') return part[0] === segment[0] && within(part.slice(1), segment.slice(1));
  for (let to = 0; to <= segment.length; to++) if (within(part.slice(1), segment.slice(to))) return true;
  return false;
}

describe('rules', () => {
  const issue = [rule('/private/*', ['read', 'write'], ['delete'])];
  test.each([
    [
      'the example: writes where the role does not',
      'viewer',
      [issue],
      { r: 'private/a', w: 'private/a' },
      { d: 'private/a', w2: 'b' },
    ],
    ['and does not delete where the role would', 'collaborator', [issue], { w: 'b', d: 'b' }, { d: 'private/a' }],
    ['an owner is not held back', 'owner', [[rule('/**', [], ['read', 'write', 'delete'])]], { r: 'a', d: 'a' }, {}],
    [
      'the longer pattern decides, in whatever order they stand',
      'collaborator',
      [[rule('/a/**', [], ['read']), rule('/a/open/**', ['read']), rule('/a/open/not.js', [], ['read'])]],
      { r: 'a/open/b', w: 'a/open/b', r2: 'b' },
      { r: 'a/b', w: 'a/b', r2: 'a/open/not.js' },
    ],
    [
      'a deny wins among equals',
      'viewer',
      [[rule('/a/*', ['write']), rule('/*/a', [], ['write'])]],
      { w: 'a/b' },
      { w: 'a/a' },
    ],
    ['and within one rule', 'viewer', [[rule('/a', ['write'], ['write'])]], { r: 'a' }, { w: 'a' }],
    [
      'wildcards do not make a pattern longer',
      'viewer',
      [[rule('/*/*/*', ['write']), rule('/aaa/**', [], ['write'])]],
      { w: 'b/b/b' },
      { w: 'aaa/b/b' },
    ],
    [
      'own rules come before those for everybody',
      'viewer',
      [[rule('/a', ['write'])], [rule('/**', [], ['read', 'write'])]],
      {},
      { w: 'a', r: 'b' },
    ],
    [
      'which count where the own say nothing',
      'collaborator',
      [[rule('/a', ['read'])], [rule('/**', [], ['read'])]],
      { r: 'a', w: 'a' },
      { r: 'b', w: 'b' },
    ],
    [
      'what is not read is not written',
      'collaborator',
      [[rule('/a', ['write', 'delete'], ['read'])]],
      {},
      { r: 'a', w: 'a', d: 'a' },
    ],
  ] as [string, Role, PathRule[][], Record<string, string>, Record<string, string>][])(
    '%s',
    (...[, role, layers, yes, no]) => {
      const rights = pathRights(role, byRole(role), [layers]);
      const names = { r: 'read', w: 'write', d: 'delete' } as const;
      for (const [wanted, table] of [
        [true, yes],
        [false, no],
      ] as const) {
        for (const [key, path] of Object.entries(table)) {
          const right = names[key[0] as 'r' | 'w' | 'd'];
          expect({ right, path, may: rights.may(right, path) }).toEqual({ right, path, may: wanted });
        }
      }
    },
  );

  test('a bot may what both itself and its owner may', () => {
    const rights = pathRights('collaborator', byRole('collaborator'), [
      [[rule('/bot', [], ['write'])], []],
      [[rule('/secret/**', [], ['read'])], []],
    ]);
    expect([rights.may('write', 'bot'), rights.may('read', 'secret/a'), rights.may('write', 'a')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('mean what a naive model of them says', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = seededRandom(seed);
      const role = random.pick(['viewer', 'participant', 'collaborator', 'owner'] as const);
      const people = Array.from({ length: 1 + random.below(2) }, () => [rulesOf(random), rulesOf(random)]);
      const rights = pathRights(role, byRole(role), people);
      for (const path of ['a', 'a/b', 'b/a/a', 'ab/b']) {
        for (const right of ['read', 'write', 'delete'] as const) {
          const given = { seed, role, path, right, people };
          expect({ ...given, may: rights.may(right, path) }).toEqual({
            ...given,
            may: naive(given),
          });
          if (rights.may(right, path)) expect(rights.mayAnywhere(right)).toBe(true);
        }
      }
    }
  });
});

function rulesOf(random: Random): PathRule[] {
  const some = (): PathRight[] => (['read', 'write', 'delete'] as const).filter(() => random.below(3) === 0);
  const patterns = ['/**', '/a', '/a/*', '/a/**', '/*/b', '/**/a', '/b/**', '/*b/*'];
  return Array.from({ length: random.below(4) }, () => rule(random.pick(patterns), some(), some()));
}

interface Asked {
  readonly role: Role;
  readonly people: PathRule[][][];
  readonly right: PathRight;
  readonly path: string;
}

function naive({ role, people, right, path }: Asked): boolean {
  if (role === 'owner') return true;
  if (right !== 'read' && !naive({ role, people, right: 'read', path })) return false;
  return people.every((layers) => {
    for (const rules of layers) {
      const about = rules.filter((one) => [...one.allow, ...one.deny].includes(right) && naiveMatch(one.path, path));
      const size = (one: PathRule): number => one.path.replaceAll('*', '').length;
      const longest = about.filter((one) => about.every((other) => size(other) <= size(one)));
      if (longest.length > 0) return !longest.some(({ deny }) => deny.includes(right));
    }
    return byRole(role)(right);
  });
}
