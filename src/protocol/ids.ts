// Identifiers and small values that several slices share: their shapes and limits.
import { z } from 'zod';

export const uuid = z.uuid();

/** ISO 8601 in UTC, as `Date.toJSON` writes it. */
export const timestamp = z.iso.datetime();

export const DISPLAY_NAME_LENGTH = 50;
/** A person's name: trimmed, no control characters or line breaks, at least one visible character. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(DISPLAY_NAME_LENGTH)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+$/u, 'has characters that cannot be shown');

export const ROLES = ['owner', 'collaborator', 'participant', 'viewer'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

export const VISIBILITIES = ['private', 'public', 'collaborative'] as const;
export const visibility = z.enum(VISIBILITIES);

export const PATH_LENGTH = 512;
/** A file's path in its room: `src/main.ts`. Segments are not empty, `.` or `..`; no control characters or backslashes. */
export const filePath = z
  .string()
  .min(1)
  .max(PATH_LENGTH)
  .refine((path) => path === path.normalize('NFC').trim(), 'must be trimmed and in Unicode form NFC')
  .refine((path) => !/[\p{Cc}\p{Cs}\\]/u.test(path), 'has characters that a path cannot have')
  .refine(
    (path) => path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'has an empty, . or .. part',
  );

/** Number of entries a page of a list has at most. */
export const PAGE_SIZE = 100;
export const pageInput = {
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE).default(50),
  cursor: z.string().max(512).optional(),
};

export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'must be binary');
