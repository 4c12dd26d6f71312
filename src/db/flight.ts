// Statements that go to PostgreSQL as one message and come back as one: each is parsed, bound and executed as usual, but
// there is one Sync behind the last instead of one behind each. Every Sync makes PostgreSQL send what it has, and each
// sending wakes a process on the other side; ten of them cost more than the ten statements. PostgreSQL skips what
// follows a statement that fails, up to the Sync.
//
// A subclass of pg's Query, which is the only kind that its pipeline mode takes; the statements themselves are pg's, too.
import pg from 'pg';
import { lost } from './failure.ts';
import { forgetPrepared, preparedName } from './prepared.ts';

/** What is to be run. */
export interface FlightStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What one statement gave. */
export interface FlightResult {
  /** `INSERT`, `SELECT` and the like; null for an empty statement. */
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly rows: Record<string, unknown>[];
}

/**
 * Runs statements in their order, inside of a transaction: outside of one, those of a flight would be one.
 * @returns what each of them gave
 * @throws the error of the first that fails; those after it have not run. One of the driver's own, which has no code,
 *   has that of a lost connection.
 */
export function fly(client: pg.ClientBase, statements: readonly FlightStatement[]): Promise<FlightResult[]> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, queries = []) => {
      const unread = queries.find(({ _canceledDueToError }) => _canceledDueToError)?._canceledDueToError;
      if (error) reject(lost(error));
      else if (unread) reject(unread);
      else resolve(queries.map(({ _result }) => _result));
    };
    client.query(new Flight(statements, callback) as unknown as pg.Submittable);
  });
}

/** The client hands its own errors to it as well: of a connection that broke, of an answer that is late. */
type Callback = (error: Error | undefined, queries?: readonly Query[]) => void;

/** The part of pg's connection that statements write to. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  /** Sent and not answered yet, by name. */
  readonly submittedNamedStatements: Record<string, string>;
  sync(): void;
}

type Message = object;

/** What pg's client does with the query under way. */
interface Query {
  readonly text: string;
  readonly name: string | undefined;
  callback: Callback | undefined;
  readonly _result: FlightResult & { _types: unknown };
  /** Set when a value could not be read. */
  readonly _canceledDueToError: Error | false;
  /** Writes the messages of the statement, and a Sync. */
  prepare(wire: Wire): void;
  submit(wire: Wire): null;
  handleRowDescription(message: Message): void;
  handleDataRow(message: Message): void;
  handleCommandComplete(message: Message, wire: Wire): void;
  handleEmptyQuery(wire: Wire): void;
  handleError(error: Error, wire: Wire): void;
  handleReadyForQuery(wire: Wire): void;
}

interface Config {
  readonly text: string;
  readonly name?: string | undefined;
  readonly values?: unknown[];
  readonly queryMode: 'extended';
}

const PgQuery = pg.Query as unknown as new (config: Config) => Query;
/** Before anything is sent: a value that cannot be written must not leave half a flight on the wire. */
const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

class Flight extends PgQuery {
  declare text: string;
  declare name: string | undefined;
  /** For who looks at what a connection is sent: the plans of queries are checked so. */
  readonly statements: readonly FlightStatement[];
  readonly #queries: readonly Query[];
  /** Which of them PostgreSQL answers. */
  #at = 0;

  constructor(statements: readonly FlightStatement[], callback: Callback) {
    super({ text: '', queryMode: 'extended' });
    this.callback = callback;
    this.statements = statements;
    this.#queries = statements.map(({ text, values }) => {
      const name = preparedName(text);
      return new PgQuery({ text, name, values: values.map(prepareValue), queryMode: 'extended' });
    });
    this.#face();
  }

  override submit(wire: Wire): null {
    const unsynced = Object.create(wire, { sync: { value: () => undefined } }) as Wire;
    wire.stream.cork();
    for (const query of this.#queries) {
      query._result._types = this._result._types;
      query.prepare(unsynced);
    }
    wire.sync();
    wire.stream.uncork();
    return null;
  }

  override handleRowDescription(message: Message): void {
    this.#query?.handleRowDescription(message);
  }

  override handleDataRow(message: Message): void {
    this.#query?.handleDataRow(message);
  }

  override handleCommandComplete(message: Message, wire: Wire): void {
    this.#query?.handleCommandComplete(message, wire);
    this.#next();
  }

  override handleEmptyQuery(): void {
    this.#next();
  }

  override handleError(error: Error, wire: Wire): void {
    const failed = this.#query;
    if (failed) forgetPrepared(failed.text, error);
    // What comes after it was not parsed.
    for (const { name } of this.#queries.slice(this.#at)) if (name) delete wire.submittedNamedStatements[name];
    this.callback?.(error);
  }

  override handleReadyForQuery(): void {
    this.callback?.(undefined, this.#queries);
  }

  get #query(): Query | undefined {
    return this.#queries[this.#at];
  }

  #next(): void {
    this.#at++;
    this.#face();
  }

  /** The client notes under this name that a statement is parsed. */
  #face(): void {
    const { name, text = '' } = this.#query ?? {};
    this.name = name;
    this.text = text;
  }
}
