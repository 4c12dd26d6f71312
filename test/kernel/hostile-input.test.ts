// Input made to break: for every field of every command, from its schema. Always an answer, never `internal`.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openLog } from '../../src/observe/log.ts';
import { ERROR_CODES, ERROR_STATUS, type ErrorCode } from '../../src/protocol/errors.ts';
import { type CommandName, socketCalls } from '../../src/protocol/index.ts';
import { call } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { HOSTILE_INPUTS, HOSTILE_VALUES } from './hostile-values.ts';
import { COMMAND_NAMES, declarationOf, openStage, overHttp, type Stage, validInput } from './stage.ts';

/** Fewer than the strikes after which a connection that sends garbage is closed. */
const CALLS_PER_SOCKET = 40;

let server: TestServer;
let stage: Stage;
/** What the server noted as unexpected. */
let problems: string[] = [];
let calls = 0;

beforeAll(async () => {
  const write = (line: string): void => {
    const { command, err } = JSON.parse(line);
    problems.push(`${command}: ${err?.message}`);
  };
  server = await startServer({}, openLog('error', { write }));
  stage = await openStage(server);
});
beforeEach(() => {
  problems = [];
});
afterAll(async () => {
  await stage.close();
  await server.stop();
});

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

const fieldsOf = (name: CommandName): string[] => {
  const { input } = declarationOf(name) as unknown as { input: { shape: object } };
  return Object.keys(input.shape);
};

describe.each(COMMAND_NAMES)('%s', (name) => {
  for (const field of fieldsOf(name)) {
    test(`with anything for ${field}`, async () => {
      const complaints: unknown[] = [];
      const base = await validInput(stage, name, 'owner');
      for (const [what, value] of Object.entries(HOSTILE_VALUES)) {
        const fresh = 'path' in base && field !== 'path' ? { path: `${crypto.randomUUID()}.js` } : {};
        const input = { ...base, ...fresh, [field]: value };
        const answers = [overHttp(stage, name, { input, token: stage.people.owner.token }), overSocket(name, input)];
        const [http, socket] = (await Promise.all(answers)).map(complaint);
        if (http) complaints.push(`over HTTP, ${what}: ${http}`);
        if (socket) complaints.push(`over Socket.io, ${what}: ${socket}`);
      }
      expect({ complaints, problems }).toEqual({ complaints: [], problems: [] });
    });
  }

  test('with anything for the whole input', async () => {
    const { method, path } = declarationOf(name).http;
    const { token } = stage.people.owner;
    for (const input of HOSTILE_INPUTS) {
      expect(complaint(await overSocket(name, input))).toBeUndefined();
      if (method === 'GET' || method === 'DELETE') continue;
      const route = `${method} ${path.replace(/:\w+/g, crypto.randomUUID())}`;
      expect(complaint(await call(server.url, route, { token, body: input }))).toBeUndefined();
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
