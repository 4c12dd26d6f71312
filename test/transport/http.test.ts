// HTTP around the commands: health, metrics, the documents, headers, and answers to requests that are none.
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERROR_CODES, ERROR_STATUS } from '../../src/protocol/errors.ts';
import { commands, events, socketCalls } from '../../src/protocol/index.ts';
import { call, guest } from '../support/api.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
});

/** Bytes as they are, and everything that comes back. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text) => {
      answer += text;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

async function get(path: string): Promise<{ status: number; type: string; text: string; headers: Headers }> {
  const response = await fetch(server.url + path);
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, text: await response.text(), headers: response.headers };
}

describe('health', () => {
  test('/healthz and /readyz answer', async () => {
    expect(await call(server.url, 'GET /healthz')).toEqual({ status: 200, ok: true, data: { status: 'alive' } });
    expect(await call(server.url, 'GET /readyz')).toEqual({ status: 200, ok: true, data: { ready: true } });
  });

  test('/metrics counts commands by name and outcome, names that are none together', async () => {
    await guest(server.url, 'Ada');
    await call(server.url, 'GET /api/me');
    const { status, type, text } = await get('/metrics');
    expect(status).toBe(200);
    expect(type).toContain('text/plain');
    expect(text).toMatch(/^coderoom_commands_total\{command="guest.create",code="ok"\} \d+$/m);
    expect(text).toMatch(/^coderoom_commands_total\{command="me.get",code="unauthenticated"\} \d+$/m);
    expect(text).toMatch(/^coderoom_connections 0$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
  });
});

describe('the documents', () => {
  test('/docs loads, with scripts and styles of this server only', async () => {
    const page = await get('/docs/');
    expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      const address = new URL(part, `${server.url}/docs/`);
      expect(address.origin).toBe(server.url);
      expect((await get(address.pathname)).status).toBe(200);
    }
  });

  test('/docs/json is OpenAPI 3.1 with every command and every parameter of its path', async () => {
    const document = JSON.parse((await get('/docs/json')).text);
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const operations = Object.entries<any>(document.paths).flatMap(([path, item]) =>
      Object.entries<any>(item).map(([method, operation]) => ({ path, method, ...operation })),
    );
    const wanted = (id: string) => operations.find(({ operationId }) => operationId === id)?.description;
    expect(wanted('file.write')).toContain('`write`');
    expect(wanted('token.create')).toBe('Not for tokens of bots and scripts.');
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(commands).sort());
    for (const { path, method, operationId, parameters, requestBody, responses, security } of operations) {
      const { http, access } = commands[operationId as keyof typeof commands];
      expect(path).toBe(http.path.replace(/:(\w+)/g, '{$1}'));
      expect(method).toBe(http.method.toLowerCase());
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter: any) => parameter.in === 'path');
      expect(declared.map(({ name }: any) => name).sort()).toEqual(inPath.sort());
      for (const parameter of parameters) expect(parameter.schema).toBeDefined();
      expect(declared.every(({ required }: any) => required === true)).toBe(true);
      if (method === 'get' || method === 'delete') expect(requestBody).toBeUndefined();
      expect(responses['200'].content['application/json'].schema.properties.data).toBeDefined();
      expect(responses.default.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Error' });
      expect(security).toEqual(access.scope === 'anyone' ? [] : [{ token: [] }]);
    }
    expect(document.components.securitySchemes.token).toEqual({ type: 'http', scheme: 'bearer' });
    expect(document.components.schemas.Error.properties.error.properties.code.enum).toEqual(ERROR_CODES);
    expect(JSON.stringify(document)).not.toContain('"$defs"');
  });

  test('/docs/asyncapi.json is AsyncAPI 3 with every call, its answer and every event; all references lead somewhere', async () => {
    const document = JSON.parse((await get('/docs/asyncapi.json')).text);
    expect(document.asyncapi).toMatch(/^3\./);
    const names = (action: string): string[] =>
      Object.entries<any>(document.operations)
        .filter(([, operation]) => operation.action === action)
        .map(([name]) => name)
        .sort();
    expect(names('receive')).toEqual([...Object.keys(commands), ...Object.keys(socketCalls)].sort());
    expect(names('send')).toEqual(
      Object.keys(events)
        .map((name) => `event:${name}`)
        .sort(),
    );
    for (const [, reference] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const keys = (reference as string).split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
      expect(keys.reduce((value: any, key) => value?.[key], document)).toBeDefined();
    }
    for (const name of names('receive')) expect(document.operations[name].reply.messages).toHaveLength(1);
  });
});

describe('headers', () => {
  test('name the request and not the software', async () => {
    for (const path of ['/healthz', '/api/me', '/api/nothing', '/docs/', '/', '/metrics']) {
      const { headers } = await get(path);
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  test('take in nothing of an address or a body, whatever line breaks are in it', async () => {
    const injected = '%0d%0aSet-Cookie:%20planted=1%0d%0a%0d%0a<html>';
    for (const path of ['/', '/r/', '/api/rooms/', '/api/exports/', '/docs/', '/api/me?x=', '/account/verify?']) {
      const answer = await exchange(`GET ${path}${injected} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 \d{3} /);
      expect(answer.split('\r\n\r\n')[0]).not.toMatch(/planted|set-cookie/i);
    }
  });

  test('a request id of the caller is not taken over', async () => {
    const response = await fetch(`${server.url}/healthz`, {
      headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
    });
    expect(response.headers.get('x-request-id')).not.toBe('mine');
  });
});

describe('a request that is none gets a coded answer:', () => {
  test('an unknown route, also with a long or odd address', async () => {
    for (const path of [
      '/api',
      '/api/nothing',
      '/api/rooms/x/y/z',
      '/nothing.js',
      '/..%2f..%2fetc/passwd',
      `/${'x'.repeat(5000)}`,
    ]) {
      const answer = await call(server.url, `GET ${path}`);
      expect(answer).toMatchObject({ status: 404, ok: false, error: { code: 'not_found' } });
      expect(answer.error.message.length).toBeLessThan(300);
    }
  });

  test('a method that the path does not have, with those that it has', async () => {
    for (const [route, allow] of [
      ['DELETE /api/rooms', 'POST, GET'],
      ['PUT /api/guests', 'POST'],
      ['POST /api/me', 'GET, PATCH'],
      [`GET /api/files/${crypto.randomUUID()}`, 'PATCH, DELETE'],
    ] as const) {
      const [method, path] = route.split(' ') as [string, string];
      const response = await fetch(server.url + path, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe(allow);
      expect(await response.json()).toMatchObject({ ok: false, error: { code: 'method_not_allowed' } });
    }
  });

  test('an address that cannot be decoded', async () => {
    for (const path of ['/api/rooms/%zz', '/api/files/%', '/%c0%ae']) {
      expect(await call(server.url, `GET ${path}`)).toMatchObject({ status: 400, error: { code: 'invalid_input' } });
    }
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n', 'invalid_input'],
    ['a header that is none', 'GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n', 'invalid_input'],
    ['a head too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 'too_large'],
    [
      'a length twice',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx',
      'invalid_input',
    ],
  ] as const)('bytes with %s', async (_what, bytes, code) => {
    const answer = await exchange(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${ERROR_STATUS[code]} `));
    expect(JSON.parse(answer.split('\r\n\r\n')[1] as string)).toMatchObject({ ok: false, error: { code } });
  });

  test('a token that is none', async () => {
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      'Basic eDp5',
      'Bearer a b',
      `Bearer ${'x'.repeat(600)}`,
      "Bearer '",
    ]) {
      const response = await fetch(`${server.url}/api/me`, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } });
    }
  });
});
