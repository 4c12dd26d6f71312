// What a run is made of: the entry as it is at this moment, and the files it imports.
import type { Kysely } from 'kysely';
import type { Tables } from '../../db/tables.ts';
import { AppError } from '../../protocol/errors.ts';
import { SNIPPET } from './execution-view.ts';
import { gatherSources, type TextSource } from './sources.ts';

export interface Program {
  readonly language: string;
  readonly fileId: string | null;
  readonly entry: string;
  readonly code: string;
  /** path → text, the entry included */
  readonly files: Readonly<Record<string, string>>;
  /** What of the document the run saw; null for a snippet. */
  readonly stateVector: Uint8Array | null;
}

export interface ProgramRequest {
  readonly roomId: string;
  readonly fileId?: string | undefined;
  readonly code?: string | undefined;
  readonly language?: string | undefined;
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
  const { db, documents } = ports;
  const room = await db
    .selectFrom('files')
    .select(['id', 'path'])
    .where('session_id', '=', request.roomId)
    .where('deleted_at', 'is', null)
    .execute();
  const paths = new Map(room.map((file) => [file.path, file.id]));
  if (request.fileId === undefined) {
    const { code = '', language = '' } = request;
    const files = await gatherSources({ entry: SNIPPET, text: code, paths, documents });
    return { language, fileId: null, entry: SNIPPET, code, files, stateVector: null };
  }
  const file = room.find(({ id }) => id === request.fileId);
  if (!file) throw new AppError('not_found', 'There is no such file in this room.');
  const language = request.language ?? ports.languageOf(file.path);
  if (!language) throw new AppError('language_unavailable', `Files like "${file.path}" cannot be run here.`);
  const { text, stateVector } = await documents.snapshot(file.id);
  const files = await gatherSources({ entry: file.path, text, paths, documents });
  return { language, fileId: file.id, entry: file.path, code: text, files, stateVector };
}
