// Identifiers and small values that several slices share: their shapes and limits.
import { z } from 'zod';

/** In lower case: ids are keys in memory, and the database takes either. */
export const uuid = z.uuid().toLowerCase();

/** ISO 8601 in UTC, as `Date.toJSON` writes it. */
export const timestamp = z.iso.datetime();

/**
 * Something visible, and nothing that controls: no U+0000, line breaks, direction overrides or lone surrogates. The two
 * joiners are let through: Persian and many emoji are written with them.
 */
const SHOWN = /^(?=.*[\p{L}\p{N}\p{P}\p{S}])(?:[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[\u200c\u200d])+$/u;

/**
 * A text that is not looked at any further when it is much too long: bringing five megabytes into a Unicode form takes
 * seconds, in which nobody else is served, and strangers may send them.
 */
export const textBelow = (length: number) => z.string().max(length, { abort: true });
/** Far above what anything that is trimmed or brought into another form may have. */
const RAW_LENGTH = 4096;

/** A line of text that people read, trimmed. */
export const shownLine = (length: number) =>
  textBelow(RAW_LENGTH).trim().min(1).max(length).regex(SHOWN, 'has characters that cannot be shown');

export const DISPLAY_NAME_LENGTH = 50;
export const displayName = shownLine(DISPLAY_NAME_LENGTH);

export const ROLES = ['owner', 'collaborator', 'participant', 'viewer'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** On the server as a whole. */
export const globalRole = z.enum(['user', 'power_user', 'admin']);
export type GlobalRole = z.infer<typeof globalRole>;

export const VISIBILITIES = ['private', 'public', 'collaborative'] as const;
export const visibility = z.enum(VISIBILITIES);

export const PATH_LENGTH = 512;
/** Folders in folders and the file: a path is held against every rule of its room. */
export const PATH_SEGMENTS = 32;
/** What nobody sees, or what turns the text around it: with it one path looks like another. The joiners are as in names. */
const DECEPTIVE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** A file's path in its room: `src/main.ts`. Segments are not empty, `.` or `..`; no control characters or backslashes. */
export const filePath = textBelow(PATH_LENGTH)
  .min(1)
  .refine((path) => path === path.normalize('NFC').trim(), 'must be trimmed and in Unicode form NFC')
  .refine((path) => !DECEPTIVE.test(path) && !path.includes('\\'), 'has characters that a path cannot have')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'has an empty, . or .. part',
  )
  .refine((path) => path.split('/').length <= PATH_SEGMENTS, 'has too many parts');

/** Number of entries a page of a list has at most. */
export const PAGE_SIZE = 100;
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE).default(50),
  cursor: z.string().max(512).optional(),
};

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be binary');
