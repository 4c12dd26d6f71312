// Names of people, sealed in the table: whoever has a copy of the database does not know who is in it. They are opened
// where rows come in, so that a query names the column like any other; each is opened once and remembered.
//
// A sealed name is a text that begins with a character that no name can have. One without it is in the clear: a server
// without keys writes them so, and the rotation of keys seals what it finds.
import type { Secrets } from './secrets.ts';

export const SEALED_NAME = '\u0001';
/** Rows may be copied with their name: it is bound to the column, so that a join can open it without an id. */
const PLACE = 'users.display_name';
const PURPOSE = 'name';
/** Names remembered; a room with all its members fits many times. */
const REMEMBERED = 20_000;
/** What people see where the key is not here; the rotation of keys tells the operator. */
const UNREADABLE = 'Name not readable';

/** The columns of a row in `users` that hold a name. */
export function namedRow(
  secrets: Secrets,
  name: string,
): { display_name: string; display_name_index: Buffer[] | null } {
  if (secrets.current === undefined) return { display_name: name, display_name_index: null };
  return {
    display_name: SEALED_NAME + secrets.seal(name, PLACE).toString('base64'),
    display_name_index: partsOf(name).map((part) => secrets.blindIndex(part, PURPOSE)[0]),
  };
}

/** What a name is found by: any of these is in the index of its row. @param search the whole name, or one of its words */
export function nameIndexes(secrets: Secrets, search: string): readonly Buffer[] {
  if (secrets.current === undefined) return [];
  return secrets.blindIndex(folded(search), PURPOSE);
}

/** @throws as Secrets.open */
export function openName(secrets: Secrets, stored: string): string {
  if (!stored.startsWith(SEALED_NAME)) return stored;
  return secrets.open(Buffer.from(stored.slice(SEALED_NAME.length), 'base64'), PLACE);
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** The whole, and each word: that is what people look for. */
function partsOf(name: string): string[] {
  const whole = folded(name);
  return [...new Set([whole, ...whole.split(/\s+/)])].filter((part) => part !== '');
}

/** Opens the names in rows that come from the database. */
export class NameReader {
  readonly #known = new Map<string, string>();
  #secrets: Secrets | undefined;

  /** The keys are there only after the database: the embedded one's lie beside it. */
  use(secrets: Secrets): void {
    this.#secrets = secrets;
  }

  /** Puts names into rows in place of what is stored. */
  open(rows: readonly unknown[]): void {
    const [first] = rows;
    if (typeof first !== 'object' || first === null || !('display_name' in first)) return;
    for (const row of rows as { display_name: unknown }[]) {
      if (typeof row.display_name === 'string') row.display_name = this.nameOf(row.display_name);
    }
  }

  nameOf(stored: string): string {
    if (!stored.startsWith(SEALED_NAME)) return stored;
    const known = this.#known.get(stored);
    if (known !== undefined) return known;
    const name = this.#read(stored);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(stored, name);
    return name;
  }

  #read(stored: string): string {
    try {
      return this.#secrets ? openName(this.#secrets, stored) : UNREADABLE;
    } catch {
      return UNREADABLE;
    }
  }
}
