// What a command that changes something leaves in the audit log, generated over all declarations: who, from where, what,
// with the values before and after, and nothing secret.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FACT_RULES } from '../../src/kernel/facts.ts';
import { COMMAND_NAMES, declarationOf, openStage, overHttp, type Stage, validInput } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

interface AuditRow {
  readonly action: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly old_values: Record<string, unknown> | null;
  readonly new_values: Record<string, unknown> | null;
  readonly ip_address: string;
  readonly request_id: string;
}

async function rowsAfter(moment: string): Promise<AuditRow[]> {
  const { rows } = await stage.db.query<AuditRow>('select * from audit_logs where created_at > $1', [moment]);
  return rows;
}

async function now(): Promise<string> {
  return (await stage.db.query('select clock_timestamp()::text as now')).rows[0].now;
}

/** Values of fields that are named like secrets, wherever they stand. */
function secretsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return /token$|password|secret|code$/i.test(name) && value.length > 5 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, key));
}

describe.each(COMMAND_NAMES.filter((name) => declarationOf(name).mutates))('%s', (name) => {
  test('leaves who did what, the values before and after, and no secret', async () => {
    const { method } = declarationOf(name).http;
    const { token } = stage.people.owner;
    const input = await validInput(stage, name, 'owner');
    const began = await now();
    const answer = await overHttp(stage, name, { input, token });
    expect(answer).toMatchObject({ ok: true });
    const rows = await rowsAfter(began);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(Object.keys(FACT_RULES)).toContain(row.action);
      expect(row).toMatchObject({
        ip_address: expect.stringMatching(/^127\.0\.0\.1|^::1/),
        request_id: expect.any(String),
      });
      expect(row.resource_type).toMatch(/^[a-z_]+$/);
      expect(row.resource_id).toMatch(/^[\w:-]+$/);
      const written = JSON.stringify(row);
      for (const secret of secretsIn([input, answer.data])) expect(written).not.toContain(secret);
    }
    // What a method says of itself: PATCH changes what was there, PUT says what is there now, DELETE takes it away.
    const has = (values: 'old_values' | 'new_values') => rows.some((row) => row[values] !== null);
    if (method === 'PATCH' || method === 'DELETE') expect(has('old_values')).toBe(true);
    if (method === 'PATCH' || method === 'PUT') expect(has('new_values')).toBe(true);
  });
});
