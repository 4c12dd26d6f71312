// The plans of what code sends to PostgreSQL, and which indexes they use.
import { expect } from '@jest/globals';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { LookUp } from '../../src/db/straight.ts';
import type { Tables } from '../../src/db/tables.ts';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface QueryPlan {
  readonly sql: string;
  readonly indexes: readonly string[];
  readonly scans: readonly string[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Reads that are right as they are: a table of a few rows, or all rows of one. */
const SMALL = ['countries', 'execution_environments'];

export class QueryPlans {
  /** What is sent through it is seen. */
  readonly db: Kysely<Tables>;
  readonly #pool: pg.Pool;
  readonly #sent: CompiledQuery[] = [];

  /** The same for look-ups. */
  readonly lookUp: LookUp = async <Row>({ text }: { text: string }, values: readonly unknown[]) =>
    (await this.db.executeQuery(CompiledQuery.raw(text, [...values]))).rows as Row[];

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    const log = ({ query }: { query: CompiledQuery }): void => void this.#sent.push(query);
    this.db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), log });
  }

  /** The plans of everything that the work sends, each with the indexes that it uses. */
  async of(work: () => Promise<unknown>): Promise<QueryPlan[]> {
    this.#sent.length = 0;
    await work();
    const plans = [];
    for (const { sql, parameters } of this.#sent.filter((query) =>
      /^\s*(select|update|delete|with)\b/i.test(query.sql),
    )) {
      if (/set_config|pg_advisory/.test(sql)) continue;
      const { rows } = await this.#pool.query(`explain (format json) ${sql}`, parameters as unknown[]);
      const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
      const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
      const scans = nodes
        .filter((node) => node['Node Type'] === 'Seq Scan' && !SMALL.includes(node['Relation Name'] ?? ''))
        // A partition that is empty, or nearly, is read as it is.
        .flatMap((node) => node['Relation Name'] ?? [])
        .filter((relation) => !/_(default|\d{4}_\d{2})$/.test(relation));
      plans.push({ sql, indexes, scans });
    }
    return plans;
  }

  /** All statements are free of scans, and together use at least these indexes. */
  async expectIndexes(work: () => Promise<unknown>, ...expected: RegExp[]): Promise<void> {
    const plans = await this.of(work);
    expect(plans.length).toBeGreaterThan(0);
    expect(plans.filter(({ scans }) => scans.length > 0)).toEqual([]);
    const used = plans.flatMap(({ indexes }) => indexes);
    for (const name of expected) expect(used).toContainEqual(expect.stringMatching(name));
  }
}
