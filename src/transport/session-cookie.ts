// The refresh token of a browser: in a cookie that no script can read and that goes to three addresses only. A page asks for
// it with a header of its own, which a page of another site cannot send without being asked first (and is refused then).
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../protocol/define.ts';
import { AppError } from '../protocol/errors.ts';
import type { CommandName } from '../protocol/index.ts';

/** With the value `cookie`: the refresh token comes and goes as a cookie. */
export const SESSION_HEADER = 'x-coderoom-session';
const NAME = 'coderoom_session';
/** What refreshes and what logs out are below it. */
const PATH = '/api/session';
/** Seconds; longer than any session: the server says when one is over. */
const MAX_AGE = 200 * 24 * 60 * 60;
/** Commands that take a refresh token. */
const TAKERS: ReadonlySet<string> = new Set<CommandName>(['session.refresh', 'account.logout']);

export const asksForCookie = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  headers[SESSION_HEADER] === 'cookie';

/**
 * Puts the cookie into the input of a command that takes a refresh token.
 * @throws AppError `forbidden` for pages of other sites, also of those that may call otherwise: theirs is the body
 */
export function withCookie(request: FastifyRequest, command: string, input: unknown): unknown {
  if (!asksForCookie(request)) return input;
  if (!isOwnPage(request))
    throw new AppError('forbidden', 'Only the own page of this server has its session in a cookie.');
  if (!TAKERS.has(command) || typeof input !== 'object') return input;
  const refreshToken = readCookie(request.headers.cookie);
  return refreshToken === undefined ? input : { ...input, refreshToken };
}

/** Moves the refresh token of an answer into the cookie; takes the cookie away where the session is over. */
export function keepInCookie(
  reply: FastifyReply,
  { request, command, answer }: { request: FastifyRequest; command: string; answer: Answer<unknown> },
): Answer<unknown> {
  if (!asksForCookie(request)) return answer;
  const isOver = command === 'account.logout' || (!answer.ok && answer.error.code === 'session_ended');
  if (isOver && TAKERS.has(command)) reply.header('set-cookie', cookieOf(request, '', 0));
  if (!answer.ok) return answer;
  const { refreshToken, ...rest } = answer.data as { refreshToken?: string };
  if (refreshToken === undefined) return answer;
  reply.header('set-cookie', cookieOf(request, refreshToken, MAX_AGE));
  return { ok: true, data: rest };
}

function cookieOf({ protocol }: FastifyRequest, value: string, maxAge: number): string {
  const secure = protocol === 'https' ? '; Secure' : '';
  return `${NAME}=${value}; Path=${PATH}; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
}

/** Browsers say where a request comes from; clients that are none have no cookies of others to misuse. */
function isOwnPage({ headers }: FastifyRequest): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || URL.parse(origin)?.host === host;
}

function readCookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === NAME && value) return value;
  }
  return undefined;
}
