// Files of a room and their versions. The text of a file lives in its Yjs document.
import { z } from 'zod';
import { command, event } from './define.ts';
import { filePath, pageInput, timestamp, uuid } from './ids.ts';
import { fileRights } from './permissions.ts';

/** UTF-16 units. A file of this size is 20 000 to 40 000 lines: larger ones are data, not code. */
export const FILE_CONTENT_LENGTH = 1_000_000;
/** Files of one room. */
export const FILES_PER_ROOM = 1000;

export const file = z.object({
  id: uuid,
  roomId: uuid,
  path: z.string(),
  language: z.string().nullable(),
  sizeBytes: z.number().int(),
  createdAt: timestamp,
  updatedAt: timestamp,
});
export type File = z.infer<typeof file>;

export const version = z.object({
  id: uuid,
  versionNumber: z.number().int(),
  kind: z.enum(['manual', 'auto', 'restore', 'import']),
  message: z.string().nullable(),
  authorId: uuid.nullable(),
  sizeBytes: z.number().int(),
  createdAt: timestamp,
});
export type Version = z.infer<typeof version>;

export const fileCreate = command({
  name: 'file.create',
  summary: 'Create a file, empty or with content. The id may come from the caller, so that a retry is harmless.',
  access: { scope: 'room', via: 'roomId', action: 'file.write' },
  http: { method: 'POST', path: '/api/rooms/:roomId/files' },
  mutates: true,
  input: z.object({
    roomId: uuid,
    fileId: uuid.optional(),
    path: filePath,
    content: z.string().max(FILE_CONTENT_LENGTH).default(''),
  }),
  output: z.object({ file }),
});

export const fileList = command({
  name: 'file.list',
  summary: 'The files of a room that the caller may read, by path.',
  access: { scope: 'room', via: 'roomId', action: 'file.read' },
  http: { method: 'GET', path: '/api/rooms/:roomId/files' },
  input: z.object({ roomId: uuid }),
  output: z.object({ files: z.array(file), rights: fileRights.optional() }),
});

export const fileRename = command({
  name: 'file.rename',
  summary: 'Rename or move a file. Open documents stay open.',
  access: { scope: 'room', via: 'fileId', action: 'file.write' },
  http: { method: 'PATCH', path: '/api/files/:fileId' },
  mutates: true,
  input: z.object({ fileId: uuid, path: filePath }),
  output: z.object({ file }),
});

export const fileDelete = command({
  name: 'file.delete',
  summary: 'Delete a file. Its versions are kept.',
  access: { scope: 'room', via: 'fileId', action: 'file.delete' },
  http: { method: 'DELETE', path: '/api/files/:fileId' },
  mutates: true,
  input: z.object({ fileId: uuid }),
  output: z.object({}),
});

export const fileContent = command({
  name: 'file.content',
  summary: 'The text of a file as it is now, unsaved edits included.',
  access: { scope: 'room', via: 'fileId', action: 'file.read' },
  http: { method: 'GET', path: '/api/files/:fileId/content' },
  transaction: false,
  input: z.object({ fileId: uuid }),
  output: z.object({ content: z.string() }),
});

export const fileWrite = command({
  name: 'file.write',
  summary: 'Make the text of a file this one, as a minimal edit: other people’s edits and cursors stay.',
  access: { scope: 'room', via: 'fileId', action: 'file.write' },
  http: { method: 'PUT', path: '/api/files/:fileId/content' },
  mutates: true,
  transaction: false,
  input: z.object({ fileId: uuid, content: z.string().max(FILE_CONTENT_LENGTH) }),
  output: z.object({ changed: z.boolean() }),
});

export const fileVersions = command({
  name: 'file.versions',
  summary: 'The versions of a file, the newest first.',
  access: { scope: 'room', via: 'fileId', action: 'file.read' },
  http: { method: 'GET', path: '/api/files/:fileId/versions' },
  input: z.object({ fileId: uuid, ...pageInput }),
  output: z.object({ versions: z.array(version), nextCursor: z.string().nullable() }),
});

const versionNumber = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);

export const versionContent = command({
  name: 'version.content',
  summary: 'The text of one version.',
  access: { scope: 'room', via: 'fileId', action: 'file.read' },
  http: { method: 'GET', path: '/api/files/:fileId/versions/:versionNumber' },
  input: z.object({
    fileId: uuid,
    versionNumber,
  }),
  output: z.object({ version, content: z.string() }),
});

export const versionRestore = command({
  name: 'version.restore',
  summary:
    'Make the text of a file that of a version again, as a minimal edit. The text before becomes a version, too: restore that to go back.',
  access: { scope: 'room', via: 'fileId', action: 'file.write' },
  http: { method: 'POST', path: '/api/files/:fileId/versions/:versionNumber/restore' },
  mutates: true,
  transaction: false,
  input: z.object({ fileId: uuid, versionNumber }),
  output: z.object({ changed: z.boolean() }),
});

const change = z.object({ roomId: uuid, file });
export const fileCreated = event({ name: 'file.created', summary: 'A file was created.', payload: change });
export const fileRenamed = event({
  name: 'file.renamed',
  summary: 'A file was renamed or moved.',
  payload: change.extend({ previousPath: z.string() }),
});
export const fileDeleted = event({
  name: 'file.deleted',
  summary: 'A file was deleted.',
  payload: z.object({ roomId: uuid, fileId: uuid, path: z.string() }),
});
