// Texts of programs as PostgreSQL can hold them.

/** PostgreSQL text cannot hold U+0000, and its JSON no half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** As JSON text for a column; every string in it made storable. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
