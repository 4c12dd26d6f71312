// Runs that were: one with everything, or a page of those that are asked for. Those under way are shown as they are now.
import type { Kysely } from 'kysely';
import { pageOf } from '../../db/page.ts';
import type { Tables } from '../../db/tables.ts';
import type { PathRights } from '../../kernel/path-rights.ts';
import { AppError } from '../../protocol/errors.ts';
import type { CommandOutput } from '../../protocol/index.ts';
import type { Execution } from '../../protocol/runs.ts';
import type { LiveRun } from './live-run.ts';
import { pathsOf, runSummaries, toExecution, toSource, toWhole, wholeRuns } from './run-row.ts';

export interface RunQuery {
  readonly roomId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly userId?: string | undefined;
  readonly fileId?: string | undefined;
  readonly language?: string | undefined;
  readonly status?: Execution['status'] | undefined;
  readonly kind?: Execution['kind'] | undefined;
  /** ISO 8601; `to` itself is not in it. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export class RunHistory {
  readonly #db: Kysely<Tables>;
  readonly #live: ReadonlyMap<string, LiveRun>;

  constructor(db: Kysely<Tables>, live: ReadonlyMap<string, LiveRun>) {
    this.#db = db;
    this.#live = live;
  }

  /** @throws AppError `not_found` */
  async read(id: string): Promise<CommandOutput<'run.get'>> {
    const row = await wholeRuns(this.#db).where('id', '=', id).executeTakeFirst();
    if (!row) throw new AppError('not_found', 'There is no such run.');
    const live = this.#live.get(id);
    if (!live) return toWhole(row);
    const { view: execution, outcome } = live;
    return { execution, pieces: [...live.pieces], verdicts: [...live.verdicts], outcome, source: toSource(row) };
  }

  /** @param files whoever may not read what a run is made of does not see it */
  async list(query: RunQuery, files: PathRights): Promise<CommandOutput<'run.list'>> {
    const { roomId, userId, fileId, language, status, kind, from, to } = query;
    let runs = runSummaries(this.#db).where('session_id', '=', roomId);
    if (userId !== undefined) runs = runs.where('user_id', '=', userId);
    if (fileId !== undefined) runs = runs.where('file_id', '=', fileId);
    if (language !== undefined) runs = runs.where('language', '=', language);
    if (status !== undefined) runs = runs.where('status', '=', status);
    if (kind !== undefined) runs = runs.where('kind', '=', kind);
    if (from !== undefined) runs = runs.where('created_at', '>=', new Date(from));
    if (to !== undefined) runs = runs.where('created_at', '<', new Date(to));
    const { items, nextCursor } = await pageOf(query).fetch(runs, { time: 'created_at', id: 'id' });
    const shown = items.filter((row) => pathsOf(row).every((path) => files.may('read', path)));
    return { executions: shown.map((row) => this.#live.get(row.id)?.view ?? toExecution(row)), nextCursor };
  }
}
