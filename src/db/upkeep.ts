// Upkeep: work that the database needs from time to time, done by one node at a time. When each task last ran, and how it
// went, is in maintenance_runs, so every node knows it and a restart does not begin anew. A queue may call `run` instead.
import { type Kysely, sql } from 'kysely';
import type { Log } from '../observe/log.ts';
import { reasonOf } from './pool.ts';
import type { Tables } from './tables.ts';

export interface UpkeepTask {
  readonly name: string;
  /** Milliseconds from the start of one run to the start of the next. */
  readonly everyMs: number;
  /** Does it, in short statements. @returns what was done, by name; only what is not zero is logged */
  run(db: Kysely<Tables>): Promise<Readonly<Record<string, number>>>;
}

export interface TaskState {
  readonly task: string;
  readonly node: string;
  readonly startedAt: string;
  readonly succeededAt: string | null;
  readonly running: boolean;
  readonly result: unknown;
  readonly failed: boolean;
}

export interface UpkeepOptions {
  /** The system's. */
  readonly db: Kysely<Tables>;
  readonly tasks: readonly UpkeepTask[];
  /** Names this node in maintenance_runs. */
  readonly node: string;
  readonly log: Log;
}

/** Milliseconds between two looks at what is due. */
const LOOK_EVERY_MS = 60_000;
/** Milliseconds until a task that failed is tried again, if its own time does not come sooner. */
const RETRY_MS = 10 * 60_000;
/** Whoever holds this advisory lock of the database does the upkeep. A lost connection gives it back. */
const LOCK = 'coderoom upkeep';

export class Upkeep {
  readonly #options: UpkeepOptions;
  #timer: ReturnType<typeof setInterval> | undefined;
  #working: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Looks now, and then again and again. */
  start(): void {
    const look = (): void => {
      this.#working = this.runDue().then(
        () => undefined,
        (error: unknown) => this.#options.log.warn({ err: error }, 'the upkeep could not look at what is due'),
      );
    };
    this.#timer = setInterval(look, LOOK_EVERY_MS);
    this.#timer.unref();
    look();
  }

  /** Runs what is due. @returns names of the tasks that ran; none when another node is at it */
  async runDue(): Promise<string[]> {
    return this.#alone(async (db) => {
      const ran: string[] = [];
      for (const task of this.#options.tasks) {
        if (this.#closed || !(await isDue(db, task))) continue;
        await this.#run(db, task);
        ran.push(task.name);
      }
      return ran;
    });
  }

  /** Runs one task, due or not. @throws Error when there is none of that name, or another node is at work */
  async run(name: string): Promise<void> {
    const task = this.#options.tasks.find((candidate) => candidate.name === name);
    if (!task) throw new Error(`There is no upkeep called ${name}.`);
    const ran = await this.#alone(async (db) => {
      await this.#run(db, task);
      return [name];
    });
    if (ran.length === 0) throw new Error('Another node does the upkeep now.');
  }

  /** How each task went when it ran last. What a task failed with is in the table and in the log. */
  async state(): Promise<TaskState[]> {
    const rows = await this.#options.db.selectFrom('maintenance_runs').selectAll().orderBy('task').execute();
    return rows.map((row) => ({
      task: row.task,
      node: row.node,
      startedAt: row.started_at.toISOString(),
      succeededAt: row.succeeded_at?.toISOString() ?? null,
      running: row.finished_at === null,
      result: row.result,
      failed: row.error !== null,
    }));
  }

  /** Resolves when the task that runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#working;
  }

  #alone(work: (db: Kysely<Tables>) => Promise<string[]>): Promise<string[]> {
    return this.#options.db.connection().execute(async (db) => {
      const { rows } = await sql<{ got: boolean }>`select pg_try_advisory_lock(hashtextextended(${LOCK}, 0)) as got`
        // A connection of its own, for the lock is the connection's.
        .execute(db);
      if (!rows[0]?.got) return [];
      try {
        return await work(db);
      } finally {
        await sql`select pg_advisory_unlock(hashtextextended(${LOCK}, 0))`.execute(db);
      }
    });
  }

  async #run(db: Kysely<Tables>, task: UpkeepTask): Promise<void> {
    const { name } = task;
    const { node, log } = this.#options;
    await sql`insert into maintenance_runs (task, node, started_at) values (${name}, ${node}, now())
      on conflict (task) do update set node = excluded.node, started_at = excluded.started_at, finished_at = null`.execute(
      db,
    );
    try {
      const result = await task.run(db);
      await sql`update maintenance_runs set finished_at = now(), succeeded_at = now(), error = null,
        result = ${JSON.stringify(result)}::jsonb where task = ${name}`.execute(db);
      const done = Object.entries(result).filter(([, count]) => count !== 0);
      if (done.length > 0) log.info({ task: name, ...Object.fromEntries(done) }, 'upkeep');
    } catch (error) {
      log.error({ err: error, task: name }, 'upkeep failed');
      await sql`update maintenance_runs set finished_at = now(), error = ${reasonOf(error)}
        where task = ${name}`.execute(db);
    }
  }
}

/** By the database's clock, which all nodes share. */
async function isDue(db: Kysely<Tables>, { name, everyMs }: UpkeepTask): Promise<boolean> {
  const { rows } = await sql<{ due: boolean }>`select started_at <= now() - make_interval(secs => ${everyMs / 1000})
    or (error is not null and started_at <= now() - make_interval(secs => ${RETRY_MS / 1000})) as due
    from maintenance_runs where task = ${name}`.execute(db);
  return rows[0]?.due ?? true;
}
