// The contract as data: consistent in itself.
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Command } from '../../src/protocol/define.ts';
import { AppError, ERROR_CODES, ERROR_STATUS } from '../../src/protocol/errors.ts';
import { commands, events, socketCalls } from '../../src/protocol/index.ts';
import {
  formatRoomCode,
  normalizeRoomCode,
  ROOM_CODE_ALPHABET,
  ROOM_CODE_LENGTH,
} from '../../src/protocol/room-code.ts';

const COMMANDS: [string, Command][] = Object.entries(commands);

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}

describe('declarations', () => {
  test('are found under their own names, and commands and calls share none', () => {
    for (const [name, declared] of [...COMMANDS, ...Object.entries(socketCalls), ...Object.entries(events)]) {
      expect(declared.name).toBe(name);
      expect(declared.summary).toMatch(/^[A-Z].*\.$/);
    }
    expect(Object.keys(commands).filter((name) => name in socketCalls)).toEqual([]);
  });

  test('of routes: none is there twice, and every part of a path is a required field', () => {
    const routes = COMMANDS.map(([, { http }]) => `${http.method} ${http.path.replace(/:\w+/g, ':')}`);
    expect(new Set(routes).size).toBe(routes.length);
    for (const [, { http, input }] of COMMANDS) {
      const { required = [] } = schemaOf(input, 'input') as { required?: string[] };
      for (const [, field] of http.path.matchAll(/:(\w+)/g)) expect(required).toContain(field);
    }
  });

  test('of rooms: the room is named by a field of the input; reading does not mutate', () => {
    for (const [, { access, http, input, mutates }] of COMMANDS) {
      if (access.scope === 'room') {
        expect((schemaOf(input, 'input') as { required: string[] }).required).toContain(access.via);
        expect(access.action.endsWith('.read')).toBe(!mutates);
      }
      expect(http.method === 'GET').toBe(!mutates);
    }
  });
});

/** Every object schema inside a schema, by where it stands. */
function objectsIn(schema: unknown, where: string): [where: string, schema: Record<string, unknown>][] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.entries(schema).flatMap(([key, value]) => objectsIn(value, `${where}.${key}`));
  return 'properties' in schema ? [[where, schema as Record<string, unknown>], ...inner] : inner;
}

describe('unknown fields', () => {
  test('are dropped, at any depth, by every command and every answer: nothing refuses them, nothing lets them through', () => {
    const declared = [...COMMANDS, ...Object.entries(socketCalls)].flatMap(([name, { input, output }]) => [
      ...objectsIn(schemaOf(input, 'input'), `${name} input`),
      ...objectsIn(schemaOf(output, 'input'), `${name} output`),
    ]);
    expect(declared.length).toBeGreaterThan(COMMANDS.length);
    expect(declared.filter(([, schema]) => 'additionalProperties' in schema).map(([where]) => where)).toEqual([]);
  });
});

test('every error code has a status of 400 or more, and an error goes over the wire without anything else', () => {
  for (const code of ERROR_CODES) expect(ERROR_STATUS[code]).toBeGreaterThanOrEqual(400);
  const error = Object.assign(new AppError('conflict', 'Taken.', { path: 'a' }), { secret: 1, cause: new Error('x') });
  expect(error.toWire()).toEqual({ code: 'conflict', message: 'Taken.', details: { path: 'a' } });
  expect(Object.keys(new AppError('internal', 'x').toWire())).toEqual(['code', 'message']);
});

describe('room codes', () => {
  test('have no letters that are mistaken for others', () => {
    expect(ROOM_CODE_ALPHABET).not.toMatch(/[01OILU]/);
    expect(new Set(ROOM_CODE_ALPHABET).size).toBe(30);
    expect(Math.log2(ROOM_CODE_ALPHABET.length) * ROOM_CODE_LENGTH).toBeGreaterThan(39);
  });

  test('are read as people write them', () => {
    const code = 'ABCDEFGH';
    const written = [
      'ABCDEFGH',
      'abcd-efgh',
      ' ABCD EFGH\n',
      'a b c d e f g h',
      'ABCD–EFGH',
      'AB_CD-EF_GH',
      '--abcdefgh',
    ];
    for (const text of written) expect(normalizeRoomCode(text)).toBe(code);
    expect(normalizeRoomCode(formatRoomCode(code))).toBe(code);
    for (const text of ['', 'ABCDEFG', 'ABCDEFGHJ', 'ABCDEFG0', 'ABCD.EFGH', 'АBCDEFGH', 'ABCDEFG\0', '😀ABCDEFG']) {
      expect(normalizeRoomCode(text)).toBeUndefined();
    }
  });
});

test.each(['\ufdfa', 'e\u0301', 'a/', ' '])('a text of nothing but %j is refused in no time, however long', (part) => {
  const text = `a${part.repeat(2_500_000 / part.length)}a`;
  const { input: register } = commands['account.register'];
  const { input: create } = commands['file.create'];
  const began = performance.now();
  const account = register.safeParse({ username: text, password: text, displayName: text });
  const file = create.safeParse({ roomId: crypto.randomUUID(), path: text });
  // Ten seconds and more where it is brought into its Unicode form first.
  expect(performance.now() - began).toBeLessThan(1_500);
  const paths = [account, file].map(({ error }) => error?.issues.map(({ path }) => path.join('.')));
  expect(paths).toEqual([['username', 'password', 'displayName'], ['path']]);
});
