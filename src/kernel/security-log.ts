// What the kernel refused, for security_events: counted in memory by kind, person or address, and minute, and written
// every second in one statement. Somebody who is refused ten thousand times leaves one row, and costs one write.
import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Log } from '../observe/log.ts';
import type { ErrorCode } from '../protocol/errors.ts';
import type { Caller } from './caller.ts';

/** Kinds of refusals that are kept, by the code of the answer. */
const KINDS = {
  forbidden: { type: 'access_denied', severity: 'low' },
  rate_limited: { type: 'rate_limited', severity: 'low' },
} as const satisfies Partial<Record<ErrorCode, { type: string; severity: string }>>;

/** Milliseconds between two writes. */
const WRITE_EVERY_MS = 1_000;
/** Different rows that wait for a write; what is more counts in one row, so that inventing guests does not fill the disk. */
const ROWS_WAITING = 1_000;
const MINUTE_MS = 60_000;

interface Row {
  readonly id: string;
  readonly created_at: Date;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly ip_address: string | null;
  readonly type: string;
  readonly severity: 'low' | 'medium' | 'high' | 'critical';
  readonly command: string;
  count: number;
}

export interface Refusal {
  /** A declared command, or `unknown`. */
  readonly command: string;
  readonly code: ErrorCode;
  readonly caller: Caller;
  /** The room that the input names, where it names one. */
  readonly roomId: string | undefined;
}

export class SecurityLog {
  readonly #db: Kysely<Tables>;
  readonly #log: Log;
  readonly #now: () => number;
  #waiting = new Map<string, Row>();
  #writing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** @param db the system's: a refusal is kept although its command changed nothing */
  constructor(db: Kysely<Tables>, log: Log, now: () => number = Date.now) {
    this.#db = db;
    this.#log = log;
    this.#now = now;
    this.#timer = setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  /** Counts a refusal, if it is of a kind that is kept. */
  refused({ command, code, caller, roomId }: Refusal): void {
    if (!Object.hasOwn(KINDS, code)) return;
    const kind = KINDS[code as keyof typeof KINDS];
    this.#count({
      ...kind,
      command,
      user_id: caller.user?.id ?? null,
      session_id: roomId ?? null,
      ip_address: caller.address,
    });
  }

  /** Writes what waits. Never throws: what cannot be written is counted on. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes what waits, and counts no more. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #count(event: Omit<Row, 'id' | 'created_at' | 'count'>): void {
    const minute = Math.floor(this.#now() / MINUTE_MS) * MINUTE_MS;
    const full = this.#waiting.size >= ROWS_WAITING;
    const key = keyOf(minute, event);
    const known = this.#waiting.get(key);
    if (known) known.count++;
    else if (!full) this.#waiting.set(key, rowOf(minute, { key, event }));
    else this.#countOn(minute, event);
  }

  /** In the one row of its kind for what there is no room for. */
  #countOn(minute: number, { type }: Pick<Row, 'type'>): void {
    const event = { ...NOBODY, type, severity: 'medium' as const };
    const key = keyOf(minute, event);
    const known = this.#waiting.get(key);
    if (known) known.count++;
    else this.#waiting.set(key, rowOf(minute, { key, event }));
  }

  async #write(): Promise<void> {
    const rows = this.#waiting;
    if (rows.size === 0) return;
    this.#waiting = new Map();
    try {
      await write(this.#db, [...rows.values()]);
    } catch (error) {
      this.#log.warn({ err: error, rows: rows.size }, 'security events wait: they could not be written');
      this.#takeBack(rows);
    }
  }

  #takeBack(rows: ReadonlyMap<string, Row>): void {
    for (const [key, row] of rows) {
      const newer = this.#waiting.get(key);
      if (newer) newer.count += row.count;
      else this.#waiting.set(key, row);
    }
  }
}

const NOBODY = { command: 'many', user_id: null, session_id: null, ip_address: null } as const;

function keyOf(minute: number, event: Omit<Row, 'id' | 'created_at' | 'count'>): string {
  // By the person where there is one: addresses are cheap for somebody who has many.
  return [event.type, event.command, event.user_id ?? event.ip_address ?? '', event.session_id ?? '', minute].join('|');
}

function rowOf(minute: number, { key, event }: { key: string; event: Omit<Row, 'id' | 'created_at' | 'count'> }): Row {
  const [, ...parts] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(createHash('md5').update(key).digest('hex')) ?? [];
  return { ...event, id: parts.join('-'), created_at: new Date(minute), count: 1 };
}

/** Several nodes count in the same rows. */
async function write(db: Kysely<Tables>, rows: readonly Row[]): Promise<void> {
  await db
    .insertInto('security_events')
    .values(rows.map(({ command, count, ...row }) => ({ ...row, data: JSON.stringify({ command, count }) })))
    .onConflict((conflict) =>
      conflict.columns(['created_at', 'id']).doUpdateSet({
        data: sql`excluded.data || jsonb_build_object('count',
          (security_events.data ->> 'count')::bigint + (excluded.data ->> 'count')::bigint)`,
      }),
    )
    .execute();
}
