// Room codes: what people read out to each other. No zod here, so that the page stays small.

/** No 0/O, 1/I/L, U: nothing that is misread aloud or on paper. 30 letters, so 8 of them are 39 bits. */
export const ROOM_CODE_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
export const ROOM_CODE_LENGTH = 8;
const CODE = new RegExp(`^[${ROOM_CODE_ALPHABET}]{${ROOM_CODE_LENGTH}}$`);

/**
 * Reads a room code as people write it: any case, spaces and dashes anywhere.
 * @returns the stored form (8 characters), or undefined when it cannot be one
 */
export function normalizeRoomCode(written: string): string | undefined {
  const code = written.toUpperCase().replace(/[\s\-–_]/g, '');
  return CODE.test(code) ? code : undefined;
}

/** Shows a stored room code in its two groups: `ABCD-EFGH`. */
export function formatRoomCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}
