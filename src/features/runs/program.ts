// What a run is made of: the entry as it is at this moment, or as it was in an earlier run, and the files it imports.

import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { ahead } from '../../db/pipeline.ts';
import type { Tables } from '../../db/tables.ts';
import { type PathRights, readable } from '../../kernel/path-rights.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Execution, Verdict } from '../../protocol/runs.ts';
import { gatherSources, namesFiles, type TextSource } from './sources.ts';
import { storable } from './storable.ts';

/** The name of a snippet: it has no file. */
export const SNIPPET = 'snippet';

export interface Program {
  readonly kind: Execution['kind'];
  readonly language: string;
  readonly fileId: string | null;
  readonly entry: string;
  readonly code: string;
  /** The line of the file at which `code` begins, for a selection. */
  readonly line: number | null;
  /** path → text, the entry included */
  readonly files: Readonly<Record<string, string>>;
  /** What of the document the run saw; null for a snippet. */
  readonly stateVector: Uint8Array | null;
  /** The run that this one repeats. */
  readonly repeatOf: string | null;
}

/** A test case, stored or only given. */
export type CaseToRun = Pick<Verdict, 'caseId' | 'name' | 'stdin' | 'args' | 'expectedOutput'>;

/** What a run is given besides its program. */
export interface Given {
  readonly stdin?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly interactive?: boolean | undefined;
  readonly environmentId?: string | undefined;
  /** Of a run of tests. */
  readonly cases?: readonly CaseToRun[] | undefined;
}

export interface ProgramRequest {
  readonly roomId: string;
  readonly fileId?: string | undefined;
  readonly code?: string | undefined;
  readonly line?: number | undefined;
  readonly language?: string | undefined;
  /** Files that who starts it may not read are not there for it. */
  readonly may: PathRights;
}

export interface ProgramPorts {
  readonly db: Kysely<Tables>;
  readonly documents: TextSource;
  readonly languageOf: (path: string) => string | null;
}

/**
 * Reads the program of a run.
 * @throws AppError `not_found`, `language_unavailable`, `unavailable`
 */
export async function readProgram(ports: ProgramPorts, request: ProgramRequest): Promise<Program> {
  const { documents } = ports;
  const alone = request.fileId === undefined && !namesFiles(request.language ?? '', request.code ?? '');
  const room = alone ? [] : await readableFiles(ports.db, request);
  const paths = new Map(room.map((file) => [file.path, file.id]));
  const fresh = { line: null, repeatOf: null } as const;
  if (request.fileId === undefined) {
    const { code = '', language = '' } = request;
    const files = await gatherSources({ language, entry: SNIPPET, text: code, paths, documents });
    return { ...fresh, kind: 'snippet', language, fileId: null, entry: SNIPPET, code, files, stateVector: null };
  }
  const file = room.find(({ id }) => id === request.fileId);
  if (!file) throw new AppError('not_found', 'There is no such file in this room.');
  const language = request.language ?? ports.languageOf(file.path);
  if (!language) throw new AppError('language_unavailable', `Files like "${file.path}" cannot be run here.`);
  const about = { ...fresh, language, fileId: file.id, entry: file.path };
  const { text, stateVector } = await documents.snapshot(file.id);
  if (request.code === undefined || request.line === undefined) {
    const files = await gatherSources({ language, entry: file.path, text, paths, documents });
    return { ...about, kind: 'file', code: text, files, stateVector };
  }
  const { code, line } = request;
  const placed = inPlace({ code, line, language });
  const files = await gatherSources({ language, entry: file.path, text: placed, paths, documents });
  return { ...about, kind: 'selection', code, line, files, stateVector };
}

async function readableFiles(db: Kysely<Tables>, { roomId, may }: ProgramRequest) {
  const all = await db
    .selectFrom('files')
    .select(['id', 'path'])
    .where('session_id', '=', roomId)
    .where('deleted_at', 'is', null)
    .execute();
  return readable(may, all);
}

/** A part of a file at the lines where it stands there. Python takes a block only without its indentation. */
function inPlace({ code, line, language }: { code: string; line: number; language: string }): string {
  const text = language === 'python' ? withoutIndentation(code) : code;
  return '\n'.repeat(line - 1) + text;
}

function withoutIndentation(code: string): string {
  const lines = code.split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^[ \t]*/.exec(line)![0].length);
  const least = indents.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  return lines.map((line) => line.slice(Math.min(least, /^[ \t]*/.exec(line)![0].length))).join('\n');
}

/**
 * The program of an earlier run, as it was then, with what it was given.
 * @throws AppError `not_found`
 */
export async function readEarlierProgram(db: Kysely<Tables>, executionId: string): Promise<Program & { given: Given }> {
  const row = await db
    .selectFrom('code_executions')
    .select(['session_id', 'kind', 'language', 'file_id', 'entry', 'code', 'selection_line', 'sources', 'stdin'])
    .select(['document_version', 'args', 'interactive', 'tests'])
    .where('id', '=', executionId)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found', 'There is no such run.');
  const { language, code, selection_line: line } = row;
  const entry = row.entry === '' ? SNIPPET : row.entry;
  const beside = await readSources(db, row.session_id, row.sources as Record<string, string>);
  const text = line === null ? code : inPlace({ code, line, language });
  return {
    kind: row.kind,
    language,
    fileId: row.file_id,
    entry,
    code,
    line,
    files: Object.fromEntries([[entry, text], ...beside]),
    stateVector: row.document_version,
    repeatOf: executionId,
    given: {
      stdin: row.stdin ?? undefined,
      args: row.args as string[],
      interactive: row.interactive,
      cases: (row.tests as CaseToRun[] | null)?.map(asCase),
    },
  };
}

/** A case without the verdict it had. */
function asCase({ caseId, name, stdin, args, expectedOutput }: CaseToRun): CaseToRun {
  return { caseId, name, stdin, args, expectedOutput };
}

async function readSources(
  db: Kysely<Tables>,
  roomId: string,
  sources: Readonly<Record<string, string>>,
): Promise<[path: string, text: string][]> {
  const hashes = Object.values(sources).map((hash) => Buffer.from(hash, 'hex'));
  if (hashes.length === 0) return [];
  const rows = await db
    .selectFrom('execution_sources')
    .select(['hash', 'content'])
    .where('session_id', '=', roomId)
    .where('hash', 'in', hashes)
    .execute();
  const texts = new Map(rows.map(({ hash, content }) => [hash.toString('hex'), content]));
  return Object.entries(sources).map(([path, hash]) => [path, texts.get(hash) ?? '']);
}

/**
 * Stores the texts a run has beside its entry, those that the room's runs did not have before.
 * @returns path → SHA-256, for the row of the run
 */
export async function storeSources(
  trx: Transaction<Tables>,
  roomId: string,
  { entry, files }: Program,
): Promise<Readonly<Record<string, string>>> {
  const beside = Object.entries(files).filter(([path]) => path !== entry);
  if (beside.length === 0) return {};
  const hashed = beside.map(([path, text]) => {
    const content = storable(text);
    return { path, content, hash: createHash('sha256').update(content).digest() };
  });
  // In one order everywhere: two runs that store the same texts at once wait for each other, not in a circle.
  const values = [...new Map(hashed.map(({ hash, content }) => [hash.toString('hex'), { hash, content }])).entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { hash, content }]) => ({ session_id: roomId, hash, content }));
  await ahead(
    trx,
    trx
      .insertInto('execution_sources')
      .values(values)
      .onConflict((conflict) => conflict.doNothing()),
  );
  return Object.fromEntries(hashed.map(({ path, hash }) => [path, hash.toString('hex')]));
}
