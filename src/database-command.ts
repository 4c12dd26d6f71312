// The operator's commands for the database: npm run db:migrate, db:rollback, db:status, db:backup, db:restore, db:renew,
// audit:verify, secrets:rotate.
import { readConfig } from './config.ts';
import { verifyAudit } from './db/audit-verify.ts';
import { backUp } from './db/backup.ts';
import { type ReachOptions, reachDatabase } from './db/reach.ts';
import { resealDatabase } from './db/reseal.ts';
import { renewDocuments, restore } from './db/restore.ts';
import { databaseStatus, migrateDatabase, rollBackDatabase } from './db/schema-command.ts';
import { openSecrets } from './db/secrets.ts';
import { newLineageMark } from './documents/lineage-mark.ts';

interface Command {
  readonly reach: Pick<ReachOptions, 'alone' | 'create'>;
  readonly needsFile?: true;
  run(url: string, file: string): Promise<void>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const COMMANDS: Readonly<Record<string, Command>> = {
  migrate: {
    reach: { alone: true, create: true },
    async run(url) {
      const { applied, role } = await migrateDatabase(url);
      for (const name of applied) say(`applied ${name}`);
      say(applied.length === 0 ? 'The schema was up to date.' : 'The schema is up to date.');
      if (!role.limited) say(`The server would work as the owner of its tables. ${role.advice}`);
    },
  },
  rollback: {
    reach: { alone: true, create: false },
    async run(url) {
      const name = await rollBackDatabase(url);
      say(name === undefined ? 'There was nothing to take back.' : `took back ${name}`);
    },
  },
  status: {
    reach: { alone: false, create: false },
    async run(url) {
      const all = await databaseStatus(url);
      for (const { name, appliedAt } of all) say(`${appliedAt?.toISOString() ?? 'missing                 '}  ${name}`);
      const missing = all.filter(({ appliedAt }) => appliedAt === undefined).length;
      say(
        missing === 0
          ? 'The schema is up to date.'
          : `${missing} of ${all.length} steps are missing: npm run db:migrate`,
      );
    },
  },
  backup: {
    reach: { alone: false, create: false },
    needsFile: true,
    async run(url, file) {
      const rows = await backUp({
        url,
        file,
        onProgress: ({ done, of, table, rows }) => say(`${done}/${of} ${table}: ${rows} rows`),
      });
      say(`${rows} rows are in ${file}.`);
    },
  },
  restore: {
    reach: { alone: true, create: true },
    needsFile: true,
    async run(url, file) {
      const mark = newLineageMark();
      const rows = await restore({
        url,
        file,
        mark,
        onProgress: ({ done, table, rows }) => say(`${done} ${table}: ${rows} rows`),
      });
      say(`${rows} rows are restored. Whoever still has a document open is told to begin anew with it.`);
    },
  },
  rotate: { reach: { alone: false, create: false }, run: rotate },
  verify: { reach: { alone: false, create: false }, run: verify },
  renew: {
    reach: { alone: true, create: false },
    async run(url) {
      const documents = await renewDocuments(url, newLineageMark());
      say(`${documents} documents have a new lineage: whoever still has one open is told to begin anew with it.`);
    },
  },
};

/** With the keys that the server has: the last one seals. */
async function rotate(url: string): Promise<void> {
  const { SECRET_KEYS, DATABASE_URL, DATA_DIR } = readConfig();
  const secrets = openSecrets({ keys: SECRET_KEYS, folder: DATABASE_URL === undefined ? DATA_DIR : undefined });
  if (secrets.current === undefined) throw new Error('There are no keys: set SECRET_KEYS.');
  const { resealed, failed } = await resealDatabase(url, secrets);
  say(`${resealed} values are under key ${secrets.current} now.`);
  if (failed > 0) throw new Error(`${failed} values could not be opened: their key is missing, or they were altered.`);
  say('Nothing is under an older key any more.');
}

/** @param expected an earlier head, as it was shown then */
async function verify(url: string, expected: string): Promise<void> {
  const { links, problems, head, unsealed } = await verifyAudit(url, expected || undefined);
  for (const problem of problems) say(problem);
  say(`${links} links followed, ${unsealed} rows wait for theirs. The head is ${head}`);
  if (problems.length > 0) throw new Error('The audit log is not what it was.');
  say('The audit log is what it was.');
}

async function main([name = '', file = '']: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Error(`The commands are ${Object.keys(COMMANDS).join(', ')}.`);
  if (command.needsFile && file === '') throw new Error(`Name the file: npm run db:${name} -- FILE`);
  const { DATABASE_URL, DATA_DIR } = readConfig();
  const reached = await reachDatabase({ databaseUrl: DATABASE_URL, dataDir: DATA_DIR, ...command.reach });
  try {
    await command.run(reached.url, file);
  } finally {
    await reached.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
