// Binary as it comes: ArrayBuffer in browsers, Buffer in Node. Everything behind the connection sees Uint8Array only.

/** Binary stands at the top of an event’s payload or of an answer’s data, never deeper. */
const ANSWER_DEPTH = 2;

/** Replaces, in place, what is binary in a message by Uint8Arrays over the same memory. */
export function withBytes(value: unknown, depth = ANSWER_DEPTH): unknown {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    const field = fields[name];
    if (typeof field === 'object' && field !== null) fields[name] = withBytes(field, depth - 1);
  }
  return value;
}

/** Bytes that travelled inside JSON, as base64, or beside it, as they are; undefined when it is neither. */
export function readBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return withBytes(value) as Uint8Array;
  if (typeof value !== 'string') return undefined;
  try {
    return Uint8Array.from(atob(value), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
