// The download of one's own data: written while it is read, so that neither memory nor a time limit bounds it.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { ExportTickets } from '../features/identity/export-tickets.ts';
import type { Log } from '../observe/log.ts';
import { AppError } from '../protocol/errors.ts';
import { TRANSPORT } from './limits.ts';

export interface ExportPorts {
  readonly tickets: ExportTickets;
  /** Writes the data of a user; `write` resolves when more can be taken. */
  readonly exportTo: (userId: string, write: (json: string) => Promise<void>) => Promise<void>;
  readonly log: Log;
  /** Milliseconds, as `TRANSPORT.exportStallMs`, which it is when left out. */
  readonly stallMs?: number;
}

/** Downloads at once: each holds a connection to the database. */
const AT_ONCE = 2;
/** Milliseconds that one may take: its snapshot keeps the database from cleaning up. */
const LONGEST_MS = 10 * 60_000;
const RETRY_MS = 30_000;

/** Serves GET /api/exports/:ticket. */
export function serveExports(app: FastifyInstance, ports: ExportPorts): void {
  const { tickets, exportTo, log, stallMs = TRANSPORT.exportStallMs } = ports;
  let running = 0;
  app.get<{ Params: { ticket: string } }>('/api/exports/:ticket', async (request, reply) => {
    const userId = tickets.read(request.params.ticket);
    if (userId === undefined) throw new AppError('not_found', 'This link works no more: ask for another one.');
    if (running >= AT_ONCE) {
      throw new AppError('rate_limited', 'Others are downloading; try again.', { retryAfterMs: RETRY_MS });
    }
    const stream = new PassThrough();
    const late = setTimeout(() => stream.destroy(new Error('it took too long')), LONGEST_MS).unref();
    running++;
    void exportTo(userId, (json) => writeTo(stream, json, stallMs))
      .then(
        () => stream.end(),
        (error: unknown) => {
          log.warn({ err: error, userId }, 'an export was broken off');
          // Half a file must not look like a whole one.
          stream.destroy(error instanceof Error ? error : new Error('broken off'));
        },
      )
      .finally(() => {
        clearTimeout(late);
        running--;
      });
    const day = new Date().toISOString().slice(0, 10);
    reply.header('content-disposition', `attachment; filename="coderoom-data-${day}.json"`);
    return reply.type('application/json; charset=utf-8').send(stream);
  });
}

/** @throws Error when the reader has gone, or reads nothing for so many milliseconds: others wait for the place */
async function writeTo(stream: PassThrough, json: string, stallMs: number): Promise<void> {
  if (stream.destroyed) throw new Error('the reader has gone');
  if (stream.write(json)) return;
  const over = new AbortController();
  const close = (): void => over.abort();
  const late = setTimeout(() => stream.destroy(new Error('the reader does not read')), stallMs).unref();
  stream.once('close', close);
  try {
    await once(stream, 'drain', { signal: over.signal });
  } finally {
    clearTimeout(late);
    stream.off('close', close);
  }
}
