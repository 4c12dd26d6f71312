// The page: built files with long caching, and index.html for the addresses that the page itself routes.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { newNonce, pagePolicy } from './security-headers.ts';

const BUILT = path.join(import.meta.dirname, '../../dist/web');
/** Addresses that index.html answers. */
const PAGE_ROUTES = ['/', '/r/:code', '/account/verify', '/account/reset'];
/** Where the built page has its nonce (web/vite.config.ts). */
const NONCE_PLACE = 'CSP-NONCE';
const NOT_BUILT = 'The page has not been built. Run: npm run build\n';

/** Serves the built page; a checkout without one says how to build it. */
export async function servePages(app: FastifyInstance): Promise<void> {
  const built = existsSync(path.join(BUILT, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: BUILT,
      index: false,
      wildcard: false,
      // File names in assets/ carry a hash of their content.
      setHeaders: (reply, file) =>
        void reply.header(
          'cache-control',
          file.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        ),
    });
  }
  const template = built ? readFileSync(path.join(BUILT, 'index.html'), 'utf8') : undefined;
  for (const url of PAGE_ROUTES) app.get(url, async (_request, reply) => sendPage(reply, template));
}

/** Each delivery has a nonce of its own, so it is not kept: a kept page would have an old one. */
function sendPage(reply: FastifyReply, template: string | undefined): FastifyReply {
  if (template === undefined) return reply.status(503).type('text/plain').send(NOT_BUILT);
  const nonce = newNonce();
  reply.header('content-security-policy', pagePolicy(nonce));
  return reply.type('text/html; charset=utf-8').send(template.replaceAll(NONCE_PLACE, nonce));
}
