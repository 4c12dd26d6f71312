// The path rules of rooms, from the database, and what they give to whom.

import { sql } from 'kysely';
import { fixed } from '../db/fixed-statement.ts';
import type { Role } from '../protocol/ids.ts';
import type { PathRule } from '../protocol/permissions.ts';
import { rightsBy } from './access.ts';
import type { PathRights } from './path-rights.ts';

export interface RuleRow {
  readonly room_id: string;
  /** Null: everybody. */
  readonly person_id: string | null;
  readonly rules: unknown;
}

/** Whose rights: a bot has an owner. */
export interface Holder {
  readonly userId: string;
  readonly role: Role;
  readonly ownerId: string | undefined;
}

/** Asks for all rules of rooms, whoever acts; `RoomRules.of` reads its rows. */
export function rulesQuery(roomIds: readonly string[]) {
  return sql<RuleRow>`select * from path_rules_of(${roomIds}::uuid[])`;
}

/** The same for the open rooms of codes, where those are locked already. */
export const rulesByCodesQuery = fixed<RuleRow, [codes: readonly string[]]>(
  `select * from path_rules_of(array(
    select id from coding_sessions where room_code = any($1::text[]) and ended_at is null))`,
);

/** The rules of one room. */
export class RoomRules {
  readonly #byPerson: ReadonlyMap<string | null, readonly PathRule[]>;

  constructor(rows: readonly RuleRow[]) {
    this.#byPerson = new Map(rows.map(({ person_id, rules }) => [person_id, rules as PathRule[]]));
  }

  /** @param rows of `rulesQuery`, of several rooms */
  static of(rows: readonly RuleRow[], roomId: string): RoomRules {
    return new RoomRules(rows.filter(({ room_id }) => room_id === roomId));
  }

  get isEmpty(): boolean {
    return this.#byPerson.size === 0;
  }

  rightsOf({ userId, role, ownerId }: Holder): PathRights {
    const people = ownerId === undefined ? [userId] : [userId, ownerId];
    return rightsBy(
      role,
      people.map((id) => [this.#rulesOf(id), this.#rulesOf(null)]),
    );
  }

  #rulesOf(id: string | null): readonly PathRule[] {
    return this.#byPerson.get(id) ?? [];
  }
}
