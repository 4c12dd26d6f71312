// The operator's commands for accounts: npm run admin -- create NAME, and promote NAME. The password comes from the terminal
// or from standard input, or is made here and shown once; never from the command line: that is there for everybody on the
// machine to read.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Kysely } from 'kysely';
import { readConfig } from './config.ts';
import { reachDatabase } from './db/reach.ts';
import { migrateDatabase, withDatabase } from './db/schema-command.ts';
import type { Tables } from './db/tables.ts';
import { createAdministrator, promote } from './features/identity/administrators.ts';
import { newToken } from './features/identity/tokens.ts';

type Deed = (db: Kysely<Tables>) => Promise<string>;

const DEEDS: Readonly<Record<string, (name: string) => Promise<Deed>>> = {
  async create(name) {
    const given = await readPassword();
    const password = given === '' ? newToken() : given;
    return async (db) => {
      await createAdministrator(db, name, password);
      const done = `${name} administers this server, and can log in now.`;
      return given === '' ? `${done}\nThe password, shown this once: ${password}` : done;
    };
  },
  promote: async (name) => async (db) => {
    await promote(db, name);
    return `${name} administers this server.`;
  },
};

/** Twice where it is typed; a line where it is given. Empty: one is to be made. */
async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  const first = await askUnseen('Password (empty: one is made): ');
  if (first === '') return first;
  if ((await askUnseen('Once more: ')) === first) return first;
  throw new Error('These were two different passwords.');
}

async function askUnseen(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}

async function main([command = '', name = '', ...rest]: readonly string[]): Promise<void> {
  const prepare = Object.hasOwn(DEEDS, command) ? DEEDS[command] : undefined;
  if (!prepare || name === '') throw new Error('Use: npm run admin -- create NAME, or npm run admin -- promote NAME');
  if (rest.length > 0) throw new Error('Only the name is given here; the password is asked for.');
  const { DATABASE_URL, DATA_DIR } = readConfig();
  const deed = await prepare(name);
  const reached = await reachDatabase({ databaseUrl: DATABASE_URL, dataDir: DATA_DIR, alone: false, create: true });
  try {
    await migrateDatabase(reached.url);
    const done = await withDatabase(reached.url, (db) => deed(db as Kysely<Tables>));
    process.stdout.write(`${done}\n`);
  } finally {
    await reached.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
