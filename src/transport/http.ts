// HTTP: every declared command as a route, health, metrics, the documents at /docs, and the page.
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fastify, { type ConnectionError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Authenticator } from '../features/identity.ts';
import type { Caller } from '../kernel/caller.ts';
import { type Kernel, toWireError } from '../kernel/run.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Answer, Command } from '../protocol/define.ts';
import { AppError, ERROR_STATUS, type WireError } from '../protocol/errors.ts';
import { commands } from '../protocol/index.ts';
import { visitFirst } from './first-visit.ts';
import { TRANSPORT } from './limits.ts';
import { isOriginAllowed, plainAddress } from './origin.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { keepInCookie, withCookie } from './session-cookie.ts';

export interface HttpPorts {
  readonly kernel: Kernel;
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether the server can do its work; the reason when not. */
  readonly readiness: () => Promise<{ ready: true } | { ready: false; reason: string }>;
  /** What the parts say of themselves. */
  readonly health: () => Promise<Readonly<Record<string, unknown>>>;
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
    requestTimeout: TRANSPORT.requestTimeoutMs,
    trustProxy: (_address: string, hop: number) => hop < proxies,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: PARAMETER_LENGTH },
    forceCloseConnections: true,
    // No hook has run for these.
    frameworkErrors(_error, request, reply) {
      setSecurityHeaders(request, reply);
      return send(reply, unreadable('address'));
    },
    clientErrorHandler: answerUnreadable,
  });
}

/** Starts to take connections. @returns the address to open */
export async function listenHttp(
  app: FastifyInstance,
  { log, ...at }: { readonly host: string; readonly port: number; readonly log: Log },
): Promise<string> {
  await app.listen(at);
  await visitFirst(app.server, log);
  const { address, port } = app.server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return `http://${host === '0.0.0.0' || host === '[::]' ? 'localhost' : host}:${port}`;
}

/** More than the head of a request can hold: a path parameter is for the command's schema to judge. */
const PARAMETER_LENGTH = 32_768;

function unreadable(what: string): Answer<never> {
  return { ok: false, error: new AppError('invalid_input', `The ${what} of the request cannot be read.`).toWire() };
}

/** Bytes that are no HTTP request: there is no reply object, only the socket. */
function answerUnreadable(error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const large = error.code === 'HPE_HEADER_OVERFLOW';
  const refused = large ? new AppError('too_large', 'The head of the request is too large.') : undefined;
  const body = JSON.stringify(refused ? { ok: false, error: refused.toWire() } : unreadable('head'));
  const status = refused?.status ?? ERROR_STATUS.invalid_input;
  const head = ['content-type: application/json; charset=utf-8', 'connection: close', `content-length: ${body.length}`];
  if (socket.writable)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
}

/** Puts commands, health and metrics on the server. */
export function serveHttp(app: FastifyInstance, ports: HttpPorts): void {
  // A body that is not JSON, or none, is for the command's schema to judge.
  app.addHook('onRequest', async (request, reply) => setHeaders(request, reply, ports.origins));
  app.setErrorHandler((error, request, reply) => send(reply, failed(error, request, ports.log)));
  app.setNotFoundHandler(notFound);
  for (const command of Object.values(commands)) addCommand(app, command, ports);
  app.get('/healthz', async () => ({ ok: true, data: { status: 'alive' } }));
  app.get('/readyz', async (_request, reply) => {
    const state = await ports.readiness();
    return send(reply, state.ready ? { ok: true, data: state } : { ok: false, error: notReady(state.reason) });
  });
  app.get('/health', async () => ({ ok: true, data: await ports.health() }));
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
      const input = withCookie(request, command.name, inputOf(request));
      const answer = await ports.kernel.run(command.name, input, caller);
      return send(reply, keepInCookie(reply, { request, command: command.name, answer }));
    },
  });
}

const PATHS = Object.values<Command>(commands).map(({ http }) => ({
  method: http.method,
  path: new RegExp(`^${http.path.replace(/:\w+/g, '[^/]+')}$`),
}));

function notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const address = request.url.split('?')[0] as string;
  const methods = PATHS.filter(({ path }) => path.test(address)).map(({ method }) => method);
  const message = `There is no ${request.method} ${address.slice(0, SHOWN_ADDRESS_LENGTH)}.`;
  if (methods.length === 0) return send(reply, { ok: false, error: new AppError('not_found', message).toWire() });
  reply.header('allow', methods.join(', '));
  return send(reply, { ok: false, error: new AppError('method_not_allowed', message, { allow: methods }).toWire() });
}

/** Characters of an address that an error message repeats. */
const SHOWN_ADDRESS_LENGTH = 200;

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
  const known = await authenticator.authenticate(bearerToken(request.headers.authorization));
  return {
    user: known?.user,
    session: known?.session,
    grant: known?.grant,
    address: plainAddress(request.ip) ?? plainAddress(request.socket.remoteAddress) ?? '0.0.0.0',
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
  if (status >= 400 && status < 500) return unreadable('body');
  const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
  return { ok: false, error: toWireError(error, { log, requestId: request.id, name }) };
}

const notReady = (reason: string) => new AppError('unavailable', `Not ready: ${reason}.`).toWire();

/** Headers of every answer; an answer already where the request goes no further. */
function setHeaders(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: readonly string[],
): FastifyReply | undefined {
  setSecurityHeaders(request, reply);
  reply.header('x-request-id', request.id);
  const { origin } = request.headers;
  if (origin === undefined) return undefined;
  reply.header('vary', 'origin');
  if (!isOriginAllowed(request.headers, origins)) {
    // Not only unreadable there: not done at all, as over Socket.io and WebSockets.
    return request.url.startsWith('/api/') ? send(reply, { ok: false, error: foreignPage() }) : undefined;
  }
  if (!origins.includes(origin) && !origins.includes('*')) return undefined;
  reply.header('access-control-allow-origin', origin);
  reply.header('access-control-allow-headers', 'authorization, content-type');
  reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
  reply.header('access-control-expose-headers', 'retry-after, x-request-id');
  return request.method === 'OPTIONS' ? reply.status(204).send() : undefined;
}

const foreignPage = (): WireError =>
  new AppError('forbidden', 'Pages of other sites may not call this server (ALLOWED_ORIGINS).').toWire();
