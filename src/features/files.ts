// Files of a room: their names and their versions. Their text is the business of the documents engine.
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { pageOf } from '../db/page.ts';
import type { Tables } from '../db/tables.ts';
import { FILE_COLUMNS, filesOf, toFile } from '../db/views.ts';
import type { Documents } from '../documents/hub.ts';
import type { Context, SlowContext, TransactionContext } from '../kernel/context.ts';
import { listedFor } from '../kernel/path-rights.ts';
import type { Handlers } from '../kernel/registry.ts';
import { AppError } from '../protocol/errors.ts';
import { FILES_PER_ROOM, type Version } from '../protocol/files.ts';
import type { PathRight } from '../protocol/permissions.ts';
import { firstState, markWhereOthersWere, notePath } from './files/former-paths.ts';

export interface FilesPorts {
  readonly documents: Documents;
  /** The language that a path's ending stands for, where the server can run it. */
  readonly languageOf: (path: string) => string | null;
  /** A file has another path, and with it others may read or write it. Under the lock of the room. */
  readonly moved: (context: TransactionContext, file: { roomId: string; fileId: string }) => Promise<void>;
}

/** The commands of this slice. */
export function fileHandlers(ports: FilesPorts): Handlers {
  return {
    'file.create': (context, input) => createFile(ports, context, input),
    'file.list': async ({ trx, room }) => listedFor(room.files, await filesOf(trx, room.roomId)),
    'file.rename': (context, { path }) => renameFile(ports, context, path),
    'file.delete': (context) => deleteFile(ports, context),
    'file.content': async (_context, { fileId }) => ({ content: await ports.documents.text(fileId) }),
    'file.write': (context, { content }) => writeFile(ports, context, content),
    'file.versions': (context, input) => listVersions(context, input),
    'version.content': (context, input) => readVersion(context, input),
  };
}

async function createFile(
  ports: FilesPorts,
  context: TransactionContext,
  input: { roomId: string; fileId?: string | undefined; path: string; content: string },
) {
  const { trx, user } = context;
  checkRight(context, 'write', input.path);
  await lockRoom(trx, input.roomId);
  if (input.fileId) {
    const made = await trx
      .selectFrom('files')
      .select([...FILE_COLUMNS, 'deleted_at'])
      .where('id', '=', input.fileId)
      .executeTakeFirst();
    if (made) return alreadyMade(made, input);
  }
  await checkPath(context, { path: input.path });
  const content = asDocument(input.content);
  const first = storable(content);
  const hash = createHash('sha256').update(first).digest();
  const row = await trx
    .insertInto('files')
    .values({
      ...(input.fileId ? { id: input.fileId } : {}),
      session_id: input.roomId,
      path: input.path,
      language: ports.languageOf(input.path),
      eol: input.content.includes('\r\n') ? 'crlf' : 'lf',
      size_bytes: BigInt(Buffer.byteLength(content)),
      content_hash: hash,
      created_by: user.id,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(FILE_COLUMNS)
    .executeTakeFirst();
  // Another room took the id at the same moment.
  if (!row) throw idTaken();
  await trx
    .insertInto('document_states')
    .values({ file_id: row.id, ...(await firstState(trx, input, content)) })
    .execute();
  if (first !== '') await firstVersion(context, { fileId: row.id, content: first, hash });
  const file = toFile(row);
  await context.record({
    type: 'file.created',
    roomId: input.roomId,
    resource: { type: 'file', id: file.id },
    after: { path: file.path, sizeBytes: file.sizeBytes },
  });
  context.publish('file.created', { roomId: input.roomId, paths: [file.path] }, { roomId: input.roomId, file });
  return { file };
}

/** A retry of a creation that went through answers like the first time. */
function alreadyMade(
  made: Parameters<typeof toFile>[0] & { deleted_at: Date | null },
  input: { roomId: string; path: string },
) {
  const same = made.session_id === input.roomId && made.path === input.path && made.deleted_at === null;
  if (!same) throw idTaken();
  return { file: toFile(made) };
}

const idTaken = (): AppError => new AppError('conflict', 'This id belongs to another file.');

async function firstVersion(
  { trx, user }: TransactionContext,
  first: { fileId: string; content: string; hash: Buffer },
) {
  await trx
    .insertInto('file_versions')
    .values({
      file_id: first.fileId,
      version_number: 1,
      kind: 'import',
      content: first.content,
      content_hash: first.hash,
      author_id: user.id,
    })
    .execute();
}

/** Until the end of the transaction: two who name files at the same time come one after the other. */
async function lockRoom(trx: Kysely<Tables>, roomId: string): Promise<void> {
  await trx.selectFrom('coding_sessions').select('id').where('id', '=', roomId).forUpdate().execute();
}

/** Whether a file may have this path: nothing has it, and no file is a folder of another. Under the room's lock. */
async function checkPath(
  { trx, room }: TransactionContext,
  { path, ownId }: { path: string; ownId?: string },
): Promise<void> {
  const files = await trx
    .selectFrom('files')
    .select(['id', 'path'])
    .where('session_id', '=', room.roomId)
    .where('deleted_at', 'is', null)
    .execute();
  const others = files.filter(({ id }) => id !== ownId);
  if (ownId === undefined && others.length >= FILES_PER_ROOM) {
    throw new AppError('limit_exceeded', `A room holds at most ${FILES_PER_ROOM} files.`, { limit: FILES_PER_ROOM });
  }
  const clash = others.find(
    (other) => other.path === path || other.path.startsWith(`${path}/`) || path.startsWith(`${other.path}/`),
  );
  if (!clash) return;
  // What is in the way may be what the caller is not to know of.
  const named = room.files.may('read', clash.path) ? clash.path : path;
  throw new AppError('conflict', `There is already "${named}".`, { path: named });
}

/** @throws AppError `forbidden` */
function checkRight({ room }: Context, right: PathRight, path: string): void {
  if (room.files.may(right, path)) return;
  throw new AppError('forbidden', `You may not ${right} "${path}".`, { role: room.role, reason: 'path' });
}

async function renameFile(ports: FilesPorts, context: TransactionContext, path: string) {
  const { trx, room } = context;
  await lockRoom(trx, room.roomId);
  const file = await whereNow(context);
  // It goes from one place and comes to another.
  checkRight(context, 'delete', file.path);
  checkRight(context, 'write', path);
  await checkPath(context, { path, ownId: file.id });
  const row = await trx
    .updateTable('files')
    .set({ path, language: ports.languageOf(path) })
    .where('id', '=', file.id)
    .returning(FILE_COLUMNS)
    .executeTakeFirstOrThrow();
  const resource = { type: 'file', id: file.id } as const;
  const [before, after] = [{ path: file.path }, { path }];
  await context.record({ type: 'file.renamed', roomId: room.roomId, resource, before, after });
  if (path !== file.path) {
    await notePath(trx, { roomId: room.roomId, fileId: file.id, path: file.path });
    const mark = await markWhereOthersWere(trx, { roomId: room.roomId, fileId: file.id, path });
    if (mark) context.afterCommit(() => ports.documents.mark(file.id, mark));
  }
  const renamed = toFile(row);
  const change = { roomId: room.roomId, file: renamed, previousPath: file.path };
  context.publish('file.renamed', { roomId: room.roomId, paths: [file.path, path] }, change);
  await ports.moved(context, { roomId: room.roomId, fileId: file.id });
  return { file: renamed };
}

async function deleteFile(ports: FilesPorts, context: TransactionContext) {
  const { trx, room } = context;
  await lockRoom(trx, room.roomId);
  const { id, path } = await whereNow(context);
  checkRight(context, 'delete', path);
  await trx.updateTable('files').set({ deleted_at: new Date() }).where('id', '=', id).execute();
  await context.record({ type: 'file.deleted', roomId: room.roomId, resource: { type: 'file', id }, before: { path } });
  context.afterCommit(() => ports.documents.close(id, 'deleted'));
  const readers = { roomId: room.roomId, paths: [path] };
  context.publish('file.deleted', readers, { roomId: room.roomId, fileId: id, path });
  return {};
}

/** The file under the lock of its room: it may have moved since the right to it was looked up. */
async function whereNow({ trx, room }: TransactionContext): Promise<{ id: string; path: string }> {
  const { id } = room.file as { id: string };
  const file = await trx
    .selectFrom('files')
    .select(['id', 'path'])
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (!file) throw gone();
  return file;
}

const gone = (): AppError => new AppError('not_found', 'The file is gone.');

async function writeFile(ports: FilesPorts, context: SlowContext, content: string) {
  const { user, room } = context;
  const { id } = room.file as { id: string };
  const changed = await ports.documents.replaceText(id, asDocument(content), {
    actorId: user.id,
    source: user.kind === 'bot' ? 'agent' : 'edit',
  });
  await context.transaction(({ record }) =>
    record({ type: 'file.written', roomId: room.roomId, resource: { type: 'file', id }, after: { changed } }),
  );
  return { changed };
}

const VERSION_COLUMNS = ['id', 'version_number', 'kind', 'commit_message', 'author_id', 'created_at'] as const;

interface VersionRow {
  readonly id: string;
  readonly version_number: number;
  readonly kind: Version['kind'];
  readonly commit_message: string | null;
  readonly author_id: string | null;
  readonly created_at: Date;
  readonly size: number;
}

const toVersion = (row: VersionRow): Version => ({
  id: row.id,
  versionNumber: row.version_number,
  kind: row.kind,
  message: row.commit_message,
  authorId: row.author_id,
  sizeBytes: row.size,
  createdAt: row.created_at.toISOString(),
});

function versionsOf({ trx }: TransactionContext, fileId: string) {
  return trx
    .selectFrom('file_versions')
    .select(VERSION_COLUMNS)
    .select((eb) => eb.fn<number>('octet_length', ['content']).as('size'))
    .where('file_id', '=', fileId);
}

async function listVersions(
  context: TransactionContext,
  { fileId, limit, cursor }: { fileId: string; limit: number; cursor?: string | undefined },
) {
  const page = pageOf({ limit, cursor });
  const rows = await page.fetch(versionsOf(context, fileId), { time: 'created_at', id: 'id' });
  return { versions: rows.items.map(toVersion), nextCursor: rows.nextCursor };
}

async function readVersion(
  context: TransactionContext,
  { fileId, versionNumber }: { fileId: string; versionNumber: number },
) {
  const row = await versionsOf(context, fileId)
    .select('content')
    .where('version_number', '=', versionNumber)
    .executeTakeFirst();
  if (!row) throw new AppError('not_found', 'There is no such version.');
  return { version: toVersion(row), content: row.content };
}

/** Documents hold LF only; how a file came is remembered beside it. Half a surrogate pair does not survive UTF-8. */
function asDocument(content: string): string {
  return content.replace(/\r\n?/g, '\n').toWellFormed();
}

/** PostgreSQL text cannot hold U+0000; the document itself keeps it. */
function storable(content: string): string {
  return content.replaceAll('\0', '\uFFFD');
}
