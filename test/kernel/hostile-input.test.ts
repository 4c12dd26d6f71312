// Input made to break: for every field of every command, from its schema. Always an answer, never `internal`.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { z } from 'zod';
import { openLog } from '../../src/observe/log.ts';
import { ERROR_CODES, ERROR_STATUS, type ErrorCode } from '../../src/protocol/errors.ts';
import { type CommandName, socketCalls } from '../../src/protocol/index.ts';
import { call } from '../support/api.ts';
import { HOSTILE_INPUTS, HOSTILE_VALUES, placesIn } from './hostile-values.ts';
import { COMMAND_NAMES, declarationOf, openStage, overHttp, type Stage, validInput } from './stage.ts';

/** Fewer than the strikes after which a connection that sends garbage is closed. */
const CALLS_PER_SOCKET = 40;

/** Milliseconds: passwords that are valid are hashed, one after another. */
jest.setTimeout(120_000);

let stage: Stage;
/** What the server noted as unexpected. */
let problems: string[] = [];
let calls = 0;

beforeAll(async () => {
  const write = (line: string): void => {
    const { command, err } = JSON.parse(line);
    problems.push(`${command}: ${err?.message}`);
  };
  stage = await openStage(openLog('error', { write }));
});
beforeEach(() => {
  problems = [];
});
// Some commands sign their caller out.
afterEach(() => stage.cast.revive());
afterAll(() => stage.close());

async function overSocket(name: string, input: unknown): Promise<any> {
  const client = await stage.socketOf('owner');
  const answer = await client.call(name, input);
  if (++calls % CALLS_PER_SOCKET === 0) client.close();
  return answer;
}

/** What is wrong with an answer; undefined when nothing is. */
function complaint(answer: any): string | undefined {
  if (answer.ok === true) return answer.data === undefined ? 'no data' : undefined;
  const { code, message } = answer.error ?? {};
  if (!ERROR_CODES.includes(code)) return `unknown code ${code}`;
  if (code === 'internal') return 'internal';
  if (typeof message !== 'string' || message.length > 1_000) return 'no message, or an endless one';
  if (answer.status !== undefined && answer.status !== ERROR_STATUS[code as ErrorCode]) return `${answer.status}`;
  return undefined;
}

const shapeOf = (name: CommandName): Record<string, z.ZodType> =>
  (declarationOf(name) as unknown as { input: z.ZodObject }).input.shape as Record<string, z.ZodType>;

/** Whether both transports judge an input alike. Addresses and queries can only carry text, so there they need not. */
function disagreement(http: any, socket: any): string | undefined {
  const [here, there] = [http, socket].map(({ error }) => error?.code === 'invalid_input');
  return here === there
    ? undefined
    : `${http.error?.code ?? 'ok'} over HTTP, ${socket.error?.code ?? 'ok'} over Socket.io`;
}

describe.each(COMMAND_NAMES)('%s', (name) => {
  const { method, path } = declarationOf(name).http;
  for (const [field, schema] of Object.entries(shapeOf(name))) {
    const asBody = method !== 'GET' && method !== 'DELETE' && !path.includes(`:${field}`);
    test(`with anything for ${field}`, async () => {
      const complaints: unknown[] = [];
      const base = await validInput(stage, name, 'owner');
      const fresh = () => ('path' in base && field !== 'path' ? { path: `${crypto.randomUUID()}.js` } : {});
      for (const [what, value] of Object.entries(HOSTILE_VALUES)) {
        const [one, other] = [0, 1].map(() => ({ ...base, ...fresh(), [field]: value })) as [object, object];
        const { token } = stage.people.owner;
        const both = [overHttp(stage, name, { input: { ...one }, token }), overSocket(name, other)];
        const [http, socket] = await Promise.all(both);
        for (const wrong of [complaint(http), complaint(socket), asBody ? disagreement(http, socket) : undefined]) {
          if (wrong) complaints.push(`${what}: ${wrong}`);
        }
      }
      expect({ complaints, problems }).toEqual({ complaints: [], problems: [] });
    });

    for (const { where, put } of placesIn(schema, undefined)) {
      test(`with anything for ${field}${where}`, async () => {
        const complaints: unknown[] = [];
        const base = await validInput(stage, name, 'owner');
        const place = placesIn(schema, base[field]).find((known) => known.where === where);
        for (const [what, value] of Object.entries(HOSTILE_VALUES)) {
          const wrong = complaint(await overSocket(name, { ...base, [field]: (place ?? { put }).put(value) }));
          if (wrong) complaints.push(`${what}: ${wrong}`);
        }
        expect({ complaints, problems }).toEqual({ complaints: [], problems: [] });
      });
    }
  }

  test('with anything for the whole input', async () => {
    const { token } = stage.people.owner;
    for (const input of HOSTILE_INPUTS) {
      expect(complaint(await overSocket(name, input))).toBeUndefined();
      if (method === 'GET' || method === 'DELETE') continue;
      const route = `${method} ${path.replace(/:\w+/g, crypto.randomUUID())}`;
      expect(complaint(await call(stage.url, route, { token, body: input }))).toBeUndefined();
    }
    expect(problems).toEqual([]);
  });
});

test.each(Object.keys(socketCalls))('%s with anything in its place', async (name) => {
  const { id: fileId } = await stage.file('text');
  await overSocket('doc.open', { fileId });
  const complaints: unknown[] = [];
  for (const [what, value] of Object.entries({ ...HOSTILE_VALUES, bytes: new Uint8Array(3) })) {
    for (const input of [value, { fileId: value, update: new Uint8Array([0, 0]) }, { fileId, update: value }]) {
      const wrong = complaint(await overSocket(name, input));
      if (wrong) complaints.push(`${what}: ${wrong}`);
    }
  }
  expect({ complaints, problems }).toEqual({ complaints: [], problems: [] });
});
