// A change of the wire is a change of the version: what is declared has a hash, and the hash belongs to a version.
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { ERROR_CODES, ERROR_STATUS } from '../../src/protocol/errors.ts';
import { commands, events, PROTOCOL_VERSION, socketCalls } from '../../src/protocol/index.ts';
import { jsonSchema } from '../../src/transport/openapi.ts';

/**
 * The version and the hash of what it declares. A hash that is new needs a PROTOCOL_VERSION that is new, in
 * src/protocol/index.ts, unless the version has not been released yet: then only the hash changes here.
 */
const DECLARED = { version: 1, hash: 'b427882acd73a1e4' };

const declared = <T>(all: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1));

function callOf({ input, output }: { input: z.ZodType; output: z.ZodType }): object {
  return { input: jsonSchema(input, 'input'), output: jsonSchema(output, 'output') };
}

/** All that a client can notice; words for people are none of it. */
function contract(): object {
  return {
    commands: declared(commands).map(([name, command]) => [name, command.http, callOf(command)]),
    socketCalls: declared(socketCalls).map(([name, call]) => [name, callOf(call)]),
    events: declared(events).map(([name, { payload }]) => [name, jsonSchema(payload, 'output')]),
    errors: ERROR_CODES.map((code) => [code, ERROR_STATUS[code]]).sort(),
  };
}

/** JSON with its keys in order, without descriptions. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    // Not a field of that name, which has a schema.
    if (key === 'description' && typeof part === 'string') return undefined;
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(declared(part as Record<string, unknown>));
  });
}

test('whoever changes what is declared raises PROTOCOL_VERSION', () => {
  const hash = createHash('sha256').update(canonical(contract())).digest('hex').slice(0, 16);
  if (PROTOCOL_VERSION === DECLARED.version && hash !== DECLARED.hash) {
    throw new Error(
      `The declared schemas changed (hash ${hash}, was ${DECLARED.hash}): raise PROTOCOL_VERSION in ` +
        'src/protocol/index.ts and write the new version and hash into this test.',
    );
  }
  expect({ version: PROTOCOL_VERSION, hash }).toEqual(DECLARED);
});

test('the hash sees a field that changes, and no order or wording', () => {
  const one = { a: { type: 'string', description: 'x' }, b: [1, 2] };
  expect(canonical({ b: [1, 2], a: { description: 'y', type: 'string' } })).toBe(canonical(one));
  expect(canonical({ ...one, a: { type: 'number' } })).not.toBe(canonical(one));
  const field = { properties: { description: { type: 'string' } } };
  expect(canonical(field)).not.toBe(canonical({ properties: {} }));
});
