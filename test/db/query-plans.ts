// The plans of what code sends to PostgreSQL, and which indexes they use.
import { expect } from '@jest/globals';
import { CompiledQuery, Kysely } from 'kysely';
import type pg from 'pg';
import type { FlightStatement } from '../../src/db/flight.ts';
import { NameReader } from '../../src/db/names.ts';
import { PipelineDialect } from '../../src/db/pipeline.ts';
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
  readonly #sent: FlightStatement[] = [];

  /** The same for look-ups. */
  readonly lookUp: LookUp = async <Row>({ text }: { text: string }, values: readonly unknown[]) =>
    (await this.db.executeQuery(CompiledQuery.raw(text, [...values]))).rows as Row[];

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      const seen = (...args: unknown[]): unknown => {
        const { statements } = Object(args[0]) as { statements?: readonly FlightStatement[] };
        this.#sent.push(...(statements ?? []));
        return query(...args);
      };
      client.query = seen as typeof client.query;
    });
    this.db = new Kysely<Tables>({ dialect: new PipelineDialect(pool, new NameReader()) });
  }

  async close(): Promise<void> {
    await this.db.destroy();
    await this.#pool.end();
  }

  /** The plans of everything that the work sends, each with the indexes that it uses. */
  async of(work: () => Promise<unknown>): Promise<QueryPlan[]> {
    this.#sent.length = 0;
    await work();
    const plans = [];
    for (const { text, values } of this.#sent.filter((statement) =>
      /^\s*(select|update|delete|with)\b/i.test(statement.text),
    )) {
      if (/set_config|pg_advisory/.test(text)) continue;
      const { rows } = await this.#pool.query(`explain (format json) ${text}`, [...values]);
      const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan);
      const indexes = nodes.flatMap((node) => node['Index Name'] ?? []);
      const scans = nodes
        .filter((node) => node['Node Type'] === 'Seq Scan' && !SMALL.includes(node['Relation Name'] ?? ''))
        // A partition that is empty, or nearly, is read as it is.
        .flatMap((node) => node['Relation Name'] ?? [])
        .filter((relation) => !/_(default|\d{4}_\d{2})$/.test(relation));
      plans.push({ sql: text, indexes, scans });
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
