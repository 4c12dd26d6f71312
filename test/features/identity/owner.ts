// A look into the database of a server, as its owner.
import { PASSWORD_HASH } from '../../support/password.ts';
import type { TestServer } from '../../support/server.ts';

export interface Owner {
  rows(statement: string, values?: readonly unknown[]): Promise<any[]>;
  /** Makes an account with PASSWORD, cheap to compare with. @returns its id */
  account(username: string): Promise<string>;
}

export function ownerOf({ database }: TestServer): Owner {
  const rows: Owner['rows'] = async (statement, values) => (await database.query(statement, values)).rows;
  return {
    rows,
    async account(username) {
      const insert = 'insert into users (username, display_name, password_hash) values ($1, $1, $2) returning id';
      return (await rows(insert, [username, PASSWORD_HASH]))[0].id;
    },
  };
}
