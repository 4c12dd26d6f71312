// What answers say to browsers, by kind of answer; and that a page's nonce is its own.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let proxied: TestServer;

beforeAll(async () => {
  server = await startServer();
  proxied = await startServer({ TRUST_PROXY: '1' });
});
afterAll(async () => {
  await server.stop();
  await proxied.stop();
});

const policyOf = (response: Response): string => response.headers.get('content-security-policy') ?? '';

describe('every answer', () => {
  test.each([
    '/healthz',
    '/api/me',
    '/api/nothing',
    '/docs/',
    '/docs/json',
    '/',
    '/r/AAAA-2222',
    '/metrics',
    '/%zz',
    '/socket.io/?EIO=4&transport=polling',
  ])('%s keeps other sites and guessing out', async (path) => {
    const { headers } = await fetch(server.url + path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).not.toMatch(/(default|script)-src [^;]*(unsafe|\*|https?:)/);
    if (!path.startsWith('/docs')) expect(policy).not.toContain('unsafe');
    expect(headers.get('strict-transport-security')).toBeNull();
  });
});

describe('the content policy', () => {
  test('of data lets nothing load, and data is not kept', async () => {
    const response = await fetch(`${server.url}/api/languages`);
    expect(policyOf(response)).toContain("default-src 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('of the page has scripts from this server only, and a nonce that is never the same', async () => {
    const nonces = await Promise.all(
      ['/', '/', '/r/AAAA-2222'].map(async (path) => {
        const response = await fetch(server.url + path);
        const [, nonce = ''] = /style-src 'self' 'nonce-([\w-]{24})'/.exec(policyOf(response)) ?? [];
        const text = await response.text();
        expect(text).toContain(`<meta property="csp-nonce" nonce="${nonce}"`);
        expect(text).not.toContain('CSP-NONCE');
        expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|style=/);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(policyOf(response)).toMatch(/script-src 'self';/);
        expect(policyOf(response)).toMatch(/connect-src 'self';/);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(3);
  });

  test('of built files: they are kept, and are no page', async () => {
    const page = await (await fetch(server.url)).text();
    const [script] = /\/assets\/[\w-]+\.js/.exec(page) as RegExpExecArray;
    const response = await fetch(server.url + script);
    expect(policyOf(response)).toContain("default-src 'self'");
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });
});

describe('TLS only', () => {
  const secure = (from: TestServer) => fetch(`${from.url}/healthz`, { headers: { 'x-forwarded-proto': 'https' } });

  test('is asked for where a trusted proxy speaks TLS', async () => {
    expect((await secure(proxied)).headers.get('strict-transport-security')).toMatch(/^max-age=31536000/);
    expect((await fetch(`${proxied.url}/healthz`)).headers.get('strict-transport-security')).toBeNull();
  });

  test('is not asked for because a client claims it', async () => {
    expect((await secure(server)).headers.get('strict-transport-security')).toBeNull();
  });
});
