// The page: built files with long caching, and index.html for the addresses that the page itself routes.
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const BUILT = path.join(import.meta.dirname, '../../dist/web');
/** Addresses that index.html answers. */
const PAGE_ROUTES = ['/', '/r/:code'];
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
  for (const url of PAGE_ROUTES) {
    app.get(url, async (_request, reply) =>
      built ? reply.sendFile('index.html') : reply.status(503).type('text/plain').send(NOT_BUILT),
    );
  }
}
