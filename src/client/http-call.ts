// Calls over HTTP: those that are made before there is a connection, and those that a cookie belongs to.
import { CoderoomError, fromWire, offline } from './errors.ts';

/** Milliseconds; longer than a cold start of the server behind a proxy, shorter than anybody’s patience. */
const TIMEOUT_MS = 15_000;

export interface HttpCall {
  /** Where the server is. */
  readonly url: string;
  readonly path: string;
  readonly body: object;
  readonly token?: string | undefined;
  /** The refresh token comes and goes as a cookie of the browser; only on the server’s own page. */
  readonly cookie?: boolean | undefined;
}

export interface HttpAnswer<T> {
  readonly data: T;
  /** Milliseconds that the clock of the server is ahead of this one’s; 0 where it does not say. */
  readonly aheadMs: number;
}

/** @throws CoderoomError the server’s code, `offline`, `timeout` */
export async function post<T>(call: HttpCall): Promise<HttpAnswer<T>> {
  const { text, date } = await send(call);
  const answer = read(text);
  if (answer?.ok !== true) throw fromWire(answer?.error);
  return { data: answer.data as T, aheadMs: date === null ? 0 : Date.parse(date) - Date.now() || 0 };
}

async function send({ url, path, body, token, cookie }: HttpCall): Promise<{ text: string; date: string | null }> {
  try {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(cookie ? { 'x-coderoom-session': 'cookie' } : {}),
      },
      body: JSON.stringify(body),
      credentials: cookie ? 'same-origin' : 'omit',
      // A page that is closed meanwhile still gets its next cookie.
      keepalive: cookie === true,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { text: await response.text(), date: response.headers.get('date') };
  } catch (error) {
    const isLate = (error as { name?: unknown } | undefined)?.name === 'TimeoutError';
    throw isLate ? new CoderoomError('timeout', 'The server did not answer in time.') : offline('No server answered.');
  }
}

function read(text: string): { ok?: unknown; data?: unknown; error?: unknown } | undefined {
  try {
    return JSON.parse(text) as { ok?: unknown };
  } catch {
    return undefined;
  }
}
