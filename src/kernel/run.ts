// The kernel: runs a declared command the same way for HTTP and for Socket.io, in seven fixed steps.
import type { Kysely, Transaction } from 'kysely';
import { z } from 'zod';
import { networkOf, type RateLimit } from '../cluster/rate-limit.ts';
import { gather } from '../db/gather.ts';
import { actAs, actForEach } from '../db/role.ts';
import type { Tables } from '../db/tables.ts';
import type { Log } from '../observe/log.ts';
import type { Answer, Command } from '../protocol/define.ts';
import { AppError, type WireError } from '../protocol/errors.ts';
import type { User } from '../protocol/identity.ts';
import { uuid } from '../protocol/ids.ts';
import { type CommandName, commands } from '../protocol/index.ts';
import type { Authorize } from './access.ts';
import type { Caller } from './caller.ts';
import type { Context, Publisher, RoomScope, SharedContext, SlowContext, TransactionContext } from './context.ts';
import { type Actor, type CallerFact, writeFacts } from './facts.ts';
import { checkRoom, checkScope } from './grant.ts';
import { Outbox } from './outbox.ts';
import type { Foresight, Handlers } from './registry.ts';
import type { SecurityLog } from './security-log.ts';

export interface KernelPorts {
  readonly db: Kysely<Tables>;
  readonly authorize: Authorize;
  readonly publisher: Publisher;
  readonly rateLimit: RateLimit;
  readonly log: Log;
  readonly handlers: Required<Handlers>;
  readonly foresight?: Foresight;
  /** Keeps what was refused. */
  readonly security: Pick<SecurityLog, 'refused'>;
  /** Called with the outcome of every command, for the metrics. */
  readonly observe: (name: string, code: string, seconds: number) => void;
}

/** As much as so many people do at their limit may come from one address: a school or an office has one for all. */
const PEOPLE_PER_ADDRESS = 50;

type AnyHandler = (context: TransactionContext | SlowContext, input: unknown) => Promise<unknown>;
type AnySharedHandler = (context: SharedContext) => Promise<readonly unknown[]>;

interface Call {
  readonly command: Command;
  readonly handler: AnyHandler;
  readonly caller: Caller;
}

interface SharedInput {
  readonly context: Context;
  readonly input: unknown;
}

export class Kernel {
  readonly #ports: KernelPorts;
  /** By command: takes a call into the next transaction. */
  readonly #shared = new Map<string, (call: SharedInput) => Promise<unknown>>();

  constructor(ports: KernelPorts) {
    this.#ports = ports;
  }

  /**
   * Runs a command. Never throws: a failure is an answer.
   * @param name a declared command, or anything a client sent in its place
   * @param input as it came over the wire
   */
  async run(name: string, input: unknown, caller: Caller): Promise<Answer<unknown>> {
    const began = performance.now();
    const answer = await this.#answer(name, input, caller);
    const known = Object.hasOwn(commands, name) ? name : 'unknown';
    this.#ports.observe(known, answer.ok ? 'ok' : answer.error.code, (performance.now() - began) / 1000);
    if (!answer.ok)
      this.#ports.security.refused({ command: known, code: answer.error.code, caller, roomId: roomIn(input) });
    return answer;
  }

  async #answer(name: string, input: unknown, caller: Caller): Promise<Answer<unknown>> {
    try {
      if (!Object.hasOwn(commands, name)) throw new AppError('not_found', 'There is no such command.');
      const command: Command = commands[name as CommandName];
      const handler = this.#ports.handlers[name as CommandName] as unknown as AnyHandler;
      const data = await this.#execute({ command, handler, caller }, input);
      return { ok: true, data };
    } catch (error) {
      return { ok: false, error: toWireError(error, { log: this.#ports.log, requestId: caller.requestId, name }) };
    }
  }

  async #execute(call: Call, raw: unknown): Promise<unknown> {
    const { command, caller } = call;
    const input = parseInput(command, raw); // 1
    await this.#limit(command, caller); // 2
    const scope = await this.#scope(command, input, caller); // 3
    const context = contextOf(caller, scope);
    return this.#handle(call, context, input); // 4 to 7
  }

  /** By person, and by address: one who has many accounts is held back by the second. */
  async #limit({ name, rate }: Command, { user, address }: Caller): Promise<void> {
    const { rateLimit } = this.#ports;
    const network = networkOf(address);
    await rateLimit.take(`${name}:${user?.id ?? network}`, rate.perMinute);
    if (user) await rateLimit.take(`${name}@${network}`, rate.perMinute * PEOPLE_PER_ADDRESS);
  }

  async #handle({ command, handler }: Call, context: Context, input: unknown): Promise<unknown> {
    switch (command.transaction) {
      case true:
        return command.output.parse(await this.#transaction(context, (inside) => handler(inside, input)));
      case false:
        return command.output.parse(await handler(this.#slow(context), input));
      case 'shared': {
        const answer = await this.#sharedBy(command, handler as unknown as AnySharedHandler)({ context, input });
        if (answer instanceof AppError) throw answer;
        return answer;
      }
    }
  }

  #sharedBy({ name, output }: Command, handler: AnySharedHandler): (call: SharedInput) => Promise<unknown> {
    const known = this.#shared.get(name);
    if (known) return known;
    const share = gather(async (calls: readonly SharedInput[]) =>
      parseTogether(output as unknown as z.ZodObject, await this.#sharedTransaction(handler, calls)),
    );
    this.#shared.set(name, share);
    return share;
  }

  async #sharedTransaction(handler: AnySharedHandler, calls: readonly SharedInput[]): Promise<readonly unknown[]> {
    const outbox = new Outbox();
    const facts: CallerFact[] = [];
    const undo: (() => void)[] = [];
    const transaction = this.#ports.db.transaction().execute(async (trx) => {
      const given = await handler({
        trx,
        ifItFails: (act) => void undo.push(act),
        calls: calls.map(({ context: { caller, user }, input }) => {
          return { caller, user, input, record: (fact) => void facts.push({ caller, fact }) };
        }),
        publish: (event, to, payload) => outbox.add(event, to, payload),
        afterCommit: (act) => outbox.addAct(act),
      });
      await actForEach(
        trx,
        calls.map(({ context }) => context.user.id),
      );
      await writeFacts(trx, facts);
      return given;
    });
    const answers = await transaction.catch((error: unknown) => {
      for (const act of undo) act();
      throw error;
    });
    outbox.send(this.#ports.publisher);
    return answers;
  }

  #slow(context: Context): SlowContext {
    const transaction: SlowContext['transaction'] = (work) => this.#transaction(context, work);
    return extend(context, { transaction });
  }

  async #scope(command: Command, input: unknown, caller: Caller): Promise<RoomScope | undefined> {
    const { access } = command;
    checkScope(caller.grant, command);
    if (access.scope === 'anyone') return undefined;
    if (!caller.user) throw unauthenticated();
    if (access.scope === 'user') return undefined;
    if (access.scope === 'account') return checkAccount(caller.user);
    if (access.scope === 'admin') return this.#checkAdmin(caller.user.id);
    const id = (input as Record<string, string>)[access.via] as string;
    const finding = this.#ports.authorize({ via: access.via, id, userId: caller.user.id, action: access.action });
    const foresee: ((input: never) => void) | undefined = this.#ports.foresight?.[command.name as CommandName];
    foresee?.(input as never);
    const scope = await finding;
    checkRoom(caller.grant, scope.roomId);
    return scope;
  }

  /** Looked up each time: a role that was taken away counts at once. */
  async #checkAdmin(userId: string): Promise<undefined> {
    const found = await this.#ports.db.transaction().execute(async (trx) => {
      await actAs(trx, userId);
      return trx.selectFrom('users').select('role').where('id', '=', userId).executeTakeFirst();
    });
    if (found?.role !== 'admin') throw new AppError('forbidden', 'Only administrators of this server may do this.');
    return undefined;
  }

  async #transaction<T>(context: Context, work: (inside: TransactionContext) => Promise<T>): Promise<T> {
    const outbox = new Outbox();
    const result = await this.#ports.db.transaction().execute(async (trx) => {
      if (context.caller.user) await actAs(trx, context.caller.user.id);
      return work(insideOf(context, trx, outbox));
    });
    outbox.send(this.#ports.publisher);
    return result;
  }
}

function insideOf(context: Context, trx: Transaction<Tables>, outbox: Outbox): TransactionContext {
  let actor: Actor = context.caller;
  return extend(context, {
    trx,
    actAs(userId) {
      actor = { ...context.caller, user: { id: userId } };
      return actAs(trx, userId);
    },
    record: (fact) => writeFacts(trx, [{ caller: actor, fact }]),
    publish: (event, to, payload) => outbox.add(event, to, payload),
    afterCommit: (act) => outbox.addAct(act),
  } satisfies Omit<TransactionContext, keyof Context>);
}

/** The room that an input names, if it is an id at all: refusals are kept whatever was sent. */
function roomIn(input: unknown): string | undefined {
  return uuid.safeParse(Object(input).roomId).data;
}

/** Not a spread: the getters `user` and `room` must stay getters, because they throw where a command has none. */
function extend<T extends object>(context: Context, more: T): Context & T {
  return Object.assign(Object.create(context) as Context, more);
}

function contextOf(caller: Caller, scope: RoomScope | undefined): Context {
  return {
    caller,
    get user() {
      if (!caller.user) throw unauthenticated();
      return caller.user;
    },
    get room() {
      if (!scope) throw new Error('This command names no room.');
      return scope;
    },
  };
}

function parseInput(command: Command, raw: unknown): unknown {
  const parsed = command.input.safeParse(raw ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, ISSUES_TOLD).map(({ path, message }) => ({
    path: path.join('.').slice(0, ISSUE_LENGTH),
    message: message.slice(0, ISSUE_LENGTH),
  }));
  const first = issues[0];
  const message = first ? `${first.path || 'input'}: ${first.message}` : 'The input is not valid.';
  throw new AppError('invalid_input', message, { issues });
}

/** Problems of an input that are told, and characters of each: a path has keys that the caller chose. */
const ISSUES_TOLD = 10;
const ISSUE_LENGTH = 200;

/** Parses answers of one command; what several have in common is parsed once, and stays one object. */
function parseTogether(output: z.ZodObject, answers: readonly unknown[]): readonly unknown[] {
  const known = new Map<object, unknown>();
  const parse = (schema: z.ZodType, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return schema.parse(value);
    if (!known.has(value)) known.set(value, schema.parse(value));
    return known.get(value);
  };
  const fields = Object.entries(output.shape) as [string, z.ZodType][];
  return answers.map((answer) => {
    if (answer instanceof AppError) return answer;
    const given = answer as Record<string, unknown>;
    return Object.fromEntries(fields.map(([name, schema]) => [name, parse(schema, given[name])]));
  });
}

function checkAccount({ kind }: User): undefined {
  if (kind === 'human') return undefined;
  throw new AppError('forbidden', 'This needs an account: guests and bots have none.', { needs: 'account' });
}

const unauthenticated = (): AppError =>
  new AppError('unauthenticated', 'Sign in first: the token is missing or not valid.');

/** The one place where a thrown error becomes what its receiver reads; an unknown one is logged and leaks nothing. */
export function toWireError(error: unknown, about: { log: Log; requestId: string; name: string }): WireError {
  if (error instanceof AppError) return error.toWire();
  const { requestId } = about;
  if (isConnectionFailure(error)) {
    about.log.warn({ err: error, requestId, command: about.name }, 'the database is away');
    return new AppError('unavailable', 'The database is away; try again in a moment.').toWire();
  }
  const reason = error instanceof z.ZodError ? { issues: error.issues, stack: error.stack } : { err: error };
  about.log.error({ ...reason, requestId, command: about.name }, 'a command failed unexpectedly');
  return new AppError('internal', 'Something went wrong here; it has been noted.', { requestId }).toWire();
}

/** PostgreSQL classes 08 and 57P, and the socket errors of a server that is not there. */
function isConnectionFailure(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^(08...|57P..|53300|ECONN|ENOENT|EPIPE|ETIMEDOUT)/.test(code);
}
