// The documents at /docs: OpenAPI with a viewer, and AsyncAPI.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './openapi.ts';

/** Serves /docs (viewer), /docs/json (OpenAPI) and /docs/asyncapi.json. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  const asyncApi = asyncApiDocument();
  await app.register(swagger, { mode: 'static', specification: { document: openApiDocument() as never } });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: false });
  app.get('/docs/asyncapi.json', async () => asyncApi);
}
