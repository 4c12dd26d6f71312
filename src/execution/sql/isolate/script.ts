// Runs files of SQL, statement by statement, until one fails.
import { type Problem, problemOf } from './problem.ts';
import { pathOfRead, unquoted } from './read-command.ts';
import { Result, type ResultLimits } from './result.ts';
import { lineAndColumn, type Segment, segmentsOf, startOf } from './segments.ts';
import type { Database, SqlValue, Statement } from './sqlite.ts';

export interface Job {
  readonly entry: string;
  readonly files: readonly (readonly [path: string, text: string])[];
  /** Values of `?1`, `?2` … */
  readonly args: readonly string[];
  /** Values of `:NAME`, `$NAME` and `@NAME`. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: ResultLimits & { readonly tables: number };
}

export interface Output {
  write(stream: 'stdout' | 'system', text: string): void;
  table(index: number, json: string): void;
}

/** Files that read files that read files: enough for people, and a file that reads itself ends. */
const MOST_DEPTH = 8;

class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Where a statement stands: `at` in the text of a file. */
interface Site {
  readonly file: string;
  readonly text: string;
  readonly at: number;
}

export class Script {
  readonly #database: Database;
  readonly #job: Job;
  readonly #files: ReadonlyMap<string, string>;
  readonly #output: Output;
  readonly #values: Readonly<Record<string, string>>;
  #depth = 0;
  #tables = 0;
  #bytes = 0;
  #written = false;

  constructor(database: Database, job: Job, output: Output) {
    this.#database = database;
    this.#job = job;
    this.#files = new Map(job.files);
    this.#output = output;
    const variables = Object.entries(job.env).flatMap(([name, value]) =>
      [':', '$', '@'].map((sign) => [sign + name, value]),
    );
    this.#values = Object.fromEntries([...job.args.map((value, index) => [`?${index + 1}`, value]), ...variables]);
  }

  /** @returns what was wrong, if something was */
  run(): Problem | undefined {
    try {
      this.#runFile(this.#job.entry);
      return undefined;
    } catch (error) {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    }
  }

  #runFile(file: string): void {
    const text = this.#files.get(file)!;
    const nul = text.indexOf('\0');
    if (nul >= 0) this.#fail({ file, text, at: nul }, 'syntax', 'a character of the code 0 cannot stand in SQL');
    for (const segment of segmentsOf(text)) {
      if (segment.kind === 'command') this.#command(segment, { file, text, at: segment.at });
      else this.#statements(segment, { file, text, at: segment.at });
    }
  }

  #statements(segment: Segment, { file, text }: Site): void {
    const statements = this.#database.iterateStatements(segment.text);
    const end = segment.at + segment.text.length;
    for (let at = segment.at; ; ) {
      let statement: Statement;
      try {
        const next = statements.next();
        if (next.done) return;
        statement = next.value;
      } catch (thrown) {
        const sql = statements.getRemainingSQL();
        throw new ProblemError(problemOf(this.#database, { thrown, file, text, sql, at: end - sql.length }));
      }
      const sql = statement.getSQL();
      try {
        this.#run(statement, sql, { file, text, at });
      } catch (thrown) {
        throw new ProblemError(problemOf(this.#database, { thrown, file, text, sql, at }));
      }
      at += sql.length;
    }
  }

  #run(statement: Statement, sql: string, { file, text, at }: Site): void {
    if (Object.keys(this.#values).length > 0) statement.bind(this.#values);
    const names = statement.getColumnNames();
    if (names.length === 0) {
      statement.step();
      return this.#tellChanges(sql);
    }
    const own = file === this.#job.entry;
    const line = own ? lineAndColumn(text, at + startOf(sql)).line : undefined;
    this.#collect(names, line, (result) => {
      while (statement.step()) {
        if (result.wants) result.add(statement.get(null, { useBigInt: true }));
        else result.count();
      }
    });
  }

  #collect(names: readonly string[], line: number | undefined, fill: (result: Result) => void): void {
    const { limits } = this.#job;
    const index = this.#tables++;
    const left = Math.max(0, limits.bytes - this.#bytes);
    const sink = {
      text: (words: string) => this.#output.write('stdout', words),
      table: (json: string) => {
        if (index < limits.tables && result.bytes <= left) this.#output.table(index, json);
      },
    };
    const result = new Result(names, line, { limits: { ...limits, bytes: left }, sink });
    if (this.#written) this.#output.write('stdout', '\n');
    this.#written = true;
    fill(result);
    result.end();
    this.#bytes += result.bytes;
    if (index === limits.tables)
      this.#output.write('system', `[only the first ${limits.tables} results are shown as tables]\n`);
  }

  #tellChanges(sql: string): void {
    const verb = /^(?:with\b[\s\S]*?\b)?(insert|replace|update|delete)\b/i.exec(sql.slice(startOf(sql)))?.[1];
    if (verb === undefined) return;
    const count = this.#database.getRowsModified();
    this.#output.write('system', `${count} ${count === 1 ? 'row' : 'rows'} ${PAST[verb.toLowerCase()]}\n`);
  }

  #command({ text: line }: Segment, site: Site): void {
    const [, name = '', rest = ''] = /^\.(\w*)\s*(.*?)\s*;?$/.exec(line) ?? [];
    switch (name) {
      case 'read':
        return this.#read(unquoted(rest), site);
      case 'tables':
        return this.#query(TABLES, site);
      case 'schema':
        return this.#query(
          rest === '' ? SCHEMA : `${SCHEMA} and lower(tbl_name) = lower('${unquoted(rest).replaceAll("'", "''")}')`,
          site,
        );
      default:
        return this.#fail(
          site,
          'syntax',
          `.${name} is not available here, only .read FILE, .tables and .schema [TABLE]`,
        );
    }
  }

  #read(name: string, site: Site): void {
    if (name === '') this.#fail(site, 'syntax', '.read needs the name of a file');
    const path = pathOfRead(name, site.file, (each) => this.#files.has(each));
    if (path === undefined) this.#fail(site, 'exception', `cannot read '${name}': this room has no such file`);
    if (this.#depth >= MOST_DEPTH)
      this.#fail(site, 'exception', `cannot read '${name}': files read each other too deeply`);
    this.#depth++;
    this.#runFile(path as string);
    this.#depth--;
  }

  /** Statements that a dot command stands for. */
  #query(sql: string, site: Site): void {
    const found = this.#database.exec(sql)[0]?.values ?? [];
    const line = site.file === this.#job.entry ? lineAndColumn(site.text, site.at).line : undefined;
    this.#collect([sql === TABLES ? 'name' : 'sql'], line, (result) => {
      for (const row of found) result.add(row as SqlValue[]);
    });
  }

  #fail({ file, text, at }: Site, kind: Problem['kind'], message: string): void {
    throw new ProblemError({ kind, message, file, ...lineAndColumn(text, at) });
  }
}

const PAST: Readonly<Record<string, string>> = {
  insert: 'inserted',
  replace: 'inserted',
  update: 'updated',
  delete: 'deleted',
};

const TABLES = `select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite_%' order by 1`;
const SCHEMA = `select sql from sqlite_schema where sql is not null and name not like 'sqlite_%'`;
