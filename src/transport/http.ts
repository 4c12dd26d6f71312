// HTTP: every declared command as a route, health, metrics, the documents at /docs, and the page.
import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Authenticator } from '../features/identity.ts';
import type { Caller } from '../kernel/context.ts';
import type { Kernel } from '../kernel/run.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Answer, Command } from '../protocol/define.ts';
import { AppError, ERROR_STATUS } from '../protocol/errors.ts';
import { commands } from '../protocol/index.ts';
import { TRANSPORT } from './limits.ts';

export interface HttpPorts {
  readonly kernel: Kernel;
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the server can do its work; the reason when not. */
  readonly readiness: () => Promise<{ ready: true } | { ready: false; reason: string }>;
  /** Origins of other sites whose pages may call. */
  readonly origins: readonly string[];
}

/**
 * The HTTP server with nothing on it; Socket.io and WebSockets are attached to the same port.
 * @param proxies how many proxies in front have their X-Forwarded-For believed
 */
export function openHttp(proxies: number): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: TRANSPORT.messageBytes,
    trustProxy: (_address: string, hop: number) => hop < proxies,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: true,
  });
}

/** Puts commands, health and metrics on the server. */
export function serveHttp(app: FastifyInstance, ports: HttpPorts): void {
  // A body that is not JSON, or none, is for the command's schema to judge.
  app.addHook('onRequest', async (request, reply) => setHeaders(request, reply, ports.origins));
  app.setErrorHandler((error, request, reply) => send(reply, failed(error, request, ports.log)));
  app.setNotFoundHandler((request, reply) => {
    const message = `There is no ${request.method} ${request.url.split('?')[0]}.`;
    return send(reply, { ok: false, error: new AppError('not_found', message).toWire() });
  });
  for (const command of Object.values(commands)) addCommand(app, command, ports);
  app.get('/healthz', async () => ({ ok: true, data: { status: 'alive' } }));
  app.get('/readyz', async (_request, reply) => {
    const state = await ports.readiness();
    return send(reply, state.ready ? { ok: true, data: state } : { ok: false, error: notReady(state.reason) });
  });
  app.get('/metrics', async (_request, reply) => {
    reply.header('content-type', ports.metrics.contentType);
    return ports.metrics.render();
  });
}

function addCommand(app: FastifyInstance, command: Command, ports: HttpPorts): void {
  app.route({
    method: command.http.method,
    url: command.http.path,
    handler: async (request, reply) => {
      const caller = await callerOf(request, ports.authenticator);
      return send(reply, await ports.kernel.run(command.name, inputOf(request), caller));
    },
  });
}

/** Fields of the path win over those of the body: what is addressed cannot be changed by what is sent. */
function inputOf(request: FastifyRequest): unknown {
  const body: unknown = request.body ?? {};
  if (typeof body !== 'object' || Array.isArray(body)) return body;
  return { ...(request.query as object), ...body, ...(request.params as object) };
}

/** The token of an Authorization header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(header ?? '')?.[1];
}

async function callerOf(request: FastifyRequest, authenticator: Authenticator): Promise<Caller> {
  return {
    user: await authenticator.authenticate(bearerToken(request.headers.authorization)),
    address: request.ip,
    userAgent: request.headers['user-agent'],
    requestId: request.id,
    connection: undefined,
  };
}

function send(reply: FastifyReply, answer: Answer<unknown>): FastifyReply {
  if (!answer.ok) {
    const { retryAfterMs } = (answer.error.details ?? {}) as { retryAfterMs?: number };
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1000));
  }
  return reply.status(answer.ok ? 200 : ERROR_STATUS[answer.error.code]).send(answer);
}

function failed(error: unknown, request: FastifyRequest, log: Log): Answer<never> {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return { ok: false, error: new AppError('too_large', 'The body is too large.').toWire() };
  if (status >= 400 && status < 500) {
    return { ok: false, error: new AppError('invalid_input', 'The request cannot be read as JSON.').toWire() };
  }
  log.error({ err: error, requestId: request.id }, 'a request failed unexpectedly');
  const { id: requestId } = request;
  return {
    ok: false,
    error: new AppError('internal', 'Something went wrong here; it has been noted.', { requestId }).toWire(),
  };
}

const notReady = (reason: string) => new AppError('unavailable', `Not ready: ${reason}.`).toWire();

/** Inline styles are allowed because the editor makes its own style elements; scripts come from this server only. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

function setHeaders(request: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('x-request-id', request.id);
  const { origin } = request.headers;
  if (origin === undefined || !(origins.includes(origin) || origins.includes('*'))) return;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-allow-headers', 'authorization, content-type');
  reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  reply.header('vary', 'origin');
  if (request.method === 'OPTIONS') reply.status(204).send();
}
