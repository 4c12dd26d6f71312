// Test cases of files: stored, listed, and chosen for a run.
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import type { Audience, TransactionContext } from '../../kernel/context.ts';
import { AppError } from '../../protocol/errors.ts';
import { CASES_PER_FILE, type TestCase } from '../../protocol/tests.ts';
import type { CaseToRun } from './program.ts';
import { storable, storableJson } from './storable.ts';

type Given = Omit<CaseToRun, 'caseId'>;

const COLUMNS = ['id', 'file_id', 'name', 'stdin', 'args', 'expected_output', 'updated_at'] as const;

function casesOf(db: Kysely<Tables>, fileId: string) {
  return db.selectFrom('test_cases').select(COLUMNS).where('file_id', '=', fileId).orderBy('created_at').orderBy('id');
}

type CaseRow = Awaited<ReturnType<ReturnType<typeof casesOf>['executeTakeFirstOrThrow']>>;

function toTestCase(row: CaseRow): TestCase {
  return {
    id: row.id,
    fileId: row.file_id,
    name: row.name,
    stdin: row.stdin,
    args: row.args as string[],
    expectedOutput: row.expected_output,
    updatedAt: row.updated_at.toISOString(),
  };
}

/** What the audit log has of a case: texts only by their length. */
function outlineOf({ fileId, name, args, stdin, expectedOutput }: TestCase) {
  return { fileId, name, args, stdinLength: stdin.length, expectedLength: expectedOutput?.length ?? null };
}

/** A case says what its file reads and prints: who may not read that does not hear of it. */
function readersOf({ room }: TransactionContext): Audience {
  return { roomId: room.roomId, paths: room.file ? [room.file.path] : [] };
}

export async function listCases(db: Kysely<Tables>, fileId: string): Promise<TestCase[]> {
  return (await casesOf(db, fileId).execute()).map(toTestCase);
}

/** @throws AppError `limit_exceeded`, `conflict` when the id belongs to another file's case */
export async function saveCase(
  context: TransactionContext,
  { fileId, caseId, ...given }: Given & { fileId: string; caseId?: string | undefined },
): Promise<{ case: TestCase }> {
  const { trx, user, room } = context;
  // Together they are counted one after the other.
  await trx.selectFrom('files').select('id').where('id', '=', fileId).forUpdate().execute();
  const known = await listCases(trx, fileId);
  const earlier = known.find(({ id }) => id === caseId);
  if (!earlier && known.length >= CASES_PER_FILE) {
    throw new AppError('limit_exceeded', `A file has at most ${CASES_PER_FILE} test cases.`);
  }
  const { name, stdin, args, expectedOutput } = given;
  const values = {
    name,
    stdin: storable(stdin),
    args: storableJson(args),
    expected_output: expectedOutput === null ? null : storable(expectedOutput),
  };
  const row = await trx
    .insertInto('test_cases')
    .values({ ...(caseId !== undefined && { id: caseId }), file_id: fileId, created_by: user.id, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values).where('test_cases.file_id', '=', fileId))
    .returning(COLUMNS)
    .executeTakeFirst();
  if (!row) throw new AppError('conflict', 'This id belongs to a test case of another file.');
  const saved = toTestCase(row);
  const resource = { type: 'test', id: saved.id } as const;
  await context.record({
    type: 'test.saved',
    roomId: room.roomId,
    resource,
    ...(earlier && { before: outlineOf(earlier) }),
    after: outlineOf(saved),
  });
  context.publish('test.saved', readersOf(context), { roomId: room.roomId, case: saved });
  return { case: saved };
}

export async function removeCase(
  context: TransactionContext,
  { fileId, caseId }: { fileId: string; caseId: string },
): Promise<{ removed: boolean }> {
  const { trx, room } = context;
  const removed = await trx
    .deleteFrom('test_cases')
    .where('id', '=', caseId)
    .where('file_id', '=', fileId)
    .returning(COLUMNS)
    .executeTakeFirst();
  const found = removed !== undefined;
  const before = removed ? outlineOf(toTestCase(removed)) : { fileId, found };
  await context.record({ type: 'test.removed', roomId: room.roomId, resource: { type: 'test', id: caseId }, before });
  if (found) context.publish('test.removed', readersOf(context), { roomId: room.roomId, fileId, caseId });
  return { removed: found };
}

/**
 * The cases that a run of tests is to have.
 * @throws AppError `not_found` when a stored one is not there, or when there is none at all
 */
export async function chooseCases(
  db: Kysely<Tables>,
  input: { fileId: string; caseIds?: string[] | undefined; cases?: readonly Given[] | undefined },
): Promise<readonly CaseToRun[]> {
  if (input.cases) return input.cases.map((given) => ({ caseId: null, ...given }));
  const stored = await listCases(db, input.fileId);
  const wanted = input.caseIds && new Set(input.caseIds);
  const chosen = wanted ? stored.filter(({ id }) => wanted.has(id)) : stored;
  if (wanted && chosen.length < wanted.size) throw new AppError('not_found', 'A test case is not there any more.');
  if (chosen.length === 0) throw new AppError('not_found', 'This file has no test cases.');
  return chosen.map(({ id: caseId, name, stdin, args, expectedOutput }) => ({
    caseId,
    name,
    stdin,
    args,
    expectedOutput,
  }));
}
