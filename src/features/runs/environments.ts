// Environments: administrators make and change them, rooms choose among them, runs are given what they say.
import { type Kysely, sql } from 'kysely';
import type { Secrets } from '../../db/secrets.ts';
import type { LookUp } from '../../db/straight.ts';
import type { Tables } from '../../db/tables.ts';
import type { RunLimits } from '../../execution/execution.ts';
import type { TransactionContext } from '../../kernel/context.ts';
import type { Handlers } from '../../kernel/registry.ts';
import { ENVIRONMENTS_MOST, type Environment, VARIABLES_MOST } from '../../protocol/environments.ts';
import { AppError } from '../../protocol/errors.ts';
import { choicesOf, choose } from './environment-choices.ts';
import { storable } from './storable.ts';

type Variables = Readonly<Record<string, string>>;
type Changes = Readonly<Record<string, string | null>>;

/** What a run has of its environment. */
export interface RunEnvironment {
  readonly id: string;
  readonly limits: Partial<RunLimits>;
  readonly env: Variables;
  /** The container that it is; the engine says when it cannot run. */
  readonly image?: string;
}

export interface EnvironmentWish {
  readonly roomId: string;
  readonly language: string;
  /** This one; left out: the room's choice, else the oldest in use. */
  readonly environmentId?: string | undefined;
}

interface NewEnvironment {
  readonly name: string;
  readonly language: string;
  readonly runtime: Environment['runtime'];
  readonly dockerImage?: string | undefined;
  readonly limits: Environment['limits'];
  readonly variables: Changes;
}

interface EnvironmentChange {
  readonly environmentId: string;
  readonly name?: string | undefined;
  readonly dockerImage?: string | undefined;
  readonly limits?: Environment['limits'] | undefined;
  readonly variables?: Changes | undefined;
  readonly isActive?: boolean | undefined;
}

const PLACE = 'execution_environments.environment_encrypted';

type Row = Awaited<ReturnType<ReturnType<typeof rows>['executeTakeFirstOrThrow']>>;

function rows(db: Kysely<Tables>) {
  return db.selectFrom('execution_environments').selectAll();
}

/** All of them; two administrators change them one after the other. */
async function lockedRows(trx: Kysely<Tables>): Promise<Row[]> {
  await sql`select pg_advisory_xact_lock(hashtext('execution_environments'))`.execute(trx);
  return rows(trx).execute();
}

export interface EnvironmentPorts {
  readonly db: Kysely<Tables>;
  readonly lookUp: LookUp;
  readonly secrets: Secrets;
}

export class Environments {
  readonly #ports: EnvironmentPorts;
  readonly #find: { readonly name: string; readonly text: string };

  constructor(ports: EnvironmentPorts) {
    this.#ports = ports;
    this.#find = { name: 'environments_for', text: environmentsFor(ports.db, '', '').compile().sql };
  }

  handlers(): Handlers {
    return {
      'environment.list': (context) => this.#list(context),
      'environment.create': (context, input) => this.#create(context, input),
      'environment.change': (context, input) => this.#change(context, input),
      'environment.retire': (context, input) => this.#change(context, { ...input, isActive: false }),
      'environment.choices': async ({ trx, room }) => ({ choices: await choicesOf(trx, room.roomId) }),
      'environment.choose': (context, input) => choose(context, input),
    };
  }

  /**
   * The environment of a run; undefined for a language that has none.
   * @throws AppError `not_found`, `language_unavailable` when it is switched off
   */
  async resolve({ roomId, language, environmentId }: EnvironmentWish): Promise<RunEnvironment | undefined> {
    const all = await this.#ports.lookUp<Row & { chosen: boolean }>(this.#find, [roomId, language]);
    const isWanted = ({ id, chosen }: (typeof all)[number]): boolean =>
      environmentId === undefined ? chosen : id === environmentId;
    const row = all.find((each) => each.is_active && isWanted(each)) ?? usual(all);
    if (environmentId !== undefined && row?.id !== environmentId) {
      throw new AppError('not_found', 'There is no such environment for this language, or it is out of use.');
    }
    if (!row) {
      if (isSwitchedOff(all)) throw switchedOff(language);
      return undefined;
    }
    if (row.runtime === 'local') {
      const message = `"${row.name}" cannot be used: which languages this machine's interpreters run is the operator's choice.`;
      throw new AppError('language_unavailable', message);
    }
    const image = row.docker_image === null ? {} : { image: row.docker_image };
    return { id: row.id, limits: row.limits as Partial<RunLimits>, env: this.#variables(row), ...image };
  }

  /** Languages that administrators have switched off. */
  async switchedOff(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
    const all = await rows(db).where('runtime', '=', 'isolate').execute();
    const languages = new Set(all.map(({ language }) => language));
    for (const { language, is_active } of all) if (is_active) languages.delete(language);
    return languages;
  }

  #variables({ id, environment_encrypted: sealed }: Row): Variables {
    return sealed === null ? {} : (JSON.parse(this.#ports.secrets.open(sealed, `${PLACE}:${id}`)) as Variables);
  }

  #view(row: Row, names: boolean): Environment {
    return {
      id: row.id,
      name: row.name,
      language: row.language,
      runtime: row.runtime,
      dockerImage: row.docker_image,
      limits: row.limits as Environment['limits'],
      variables: names ? Object.keys(this.#variables(row)).sort() : [],
      isActive: row.is_active,
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  }

  async #list({ trx, user }: TransactionContext) {
    const found = await trx.selectFrom('users').select('role').where('id', '=', user.id).executeTakeFirst();
    const mayManage = found?.role === 'admin';
    const all = await rows(trx).orderBy('language').orderBy('created_at').orderBy('id').execute();
    const shown = all.filter(({ is_active }) => mayManage || is_active);
    return { environments: shown.map((row) => this.#view(row, mayManage)), mayManage };
  }

  async #create(context: TransactionContext, input: NewEnvironment) {
    const { trx } = context;
    const { name, language, runtime, dockerImage, limits } = input;
    const all = await lockedRows(trx);
    if (all.length >= ENVIRONMENTS_MOST) {
      throw new AppError('limit_exceeded', `There are at most ${ENVIRONMENTS_MOST} environments.`);
    }
    if ((runtime === 'docker') !== (dockerImage !== undefined)) {
      throw new AppError('invalid_input', 'dockerImage: belongs to the runtime docker, and only to that', {
        path: 'dockerImage',
      });
    }
    checkName(all, name);
    const made = await trx
      .insertInto('execution_environments')
      .values({ name, language, runtime, docker_image: dockerImage ?? null, limits: JSON.stringify(limits) })
      .returningAll()
      .executeTakeFirstOrThrow();
    const row = await this.#store(trx, made, { variables: merged({}, input.variables) });
    const after = { name, language, runtime, limits, variables: Object.keys(input.variables) };
    await context.record({ type: 'environment.created', resource: { type: 'environment', id: row.id }, after });
    return { environment: this.#view(row, true) };
  }

  async #change(context: TransactionContext, input: EnvironmentChange) {
    const { trx } = context;
    const { environmentId: id, name, dockerImage, limits, isActive } = input;
    const all = await lockedRows(trx);
    const before = all.find((row) => row.id === id);
    if (!before) throw new AppError('not_found', 'There is no such environment.');
    if (dockerImage !== undefined && before.runtime !== 'docker') {
      throw new AppError('invalid_input', 'dockerImage: this environment is not of the runtime docker');
    }
    if (name !== undefined)
      checkName(
        all.filter((row) => row !== before),
        name,
      );
    const row = await this.#store(trx, before, {
      ...(name !== undefined && { name }),
      ...(dockerImage !== undefined && { docker_image: dockerImage }),
      ...(limits !== undefined && { limits: JSON.stringify(limits) }),
      ...(isActive !== undefined && { is_active: isActive }),
      ...(input.variables && { variables: merged(this.#variables(before), input.variables) }),
    });
    const type = isActive === false ? 'environment.retired' : 'environment.changed';
    const [earlier, environment] = [this.#view(before, true), this.#view(row, true)];
    await context.record({ type, resource: { type: 'environment', id }, before: earlier, after: environment });
    return { environment };
  }

  #store(
    trx: Kysely<Tables>,
    { id }: Row,
    {
      variables,
      ...set
    }: { variables?: Variables; name?: string; docker_image?: string; limits?: string; is_active?: boolean },
  ): Promise<Row> {
    const text = variables && JSON.stringify(variables);
    const sealed =
      text === undefined
        ? {}
        : { environment_encrypted: text === '{}' ? null : this.#ports.secrets.seal(text, `${PLACE}:${id}`) };
    return trx
      .updateTable('execution_environments')
      .set({ ...set, ...sealed, updated_at: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  }
}

/** Those of a language, and whether the room has chosen them, in one question with these two values: a run waits for it. */
function environmentsFor(db: Kysely<Tables>, roomId: string, language: string) {
  return rows(db)
    .select(
      sql<boolean>`exists (select from room_environments choice where choice.session_id = ${roomId}
        and choice.language = execution_environments.language
        and choice.environment_id = execution_environments.id)`.as('chosen'),
    )
    .where('language', '=', language)
    .orderBy('created_at')
    .orderBy('id');
}

function usual<R extends Row>(all: readonly R[]): R | undefined {
  return all.find(({ runtime, is_active }) => runtime === 'isolate' && is_active);
}

/** It had environments in the sandbox, and none of them is in use. */
function isSwitchedOff(all: readonly Row[]): boolean {
  return all.some(({ runtime }) => runtime === 'isolate');
}

function switchedOff(language: string): AppError {
  return new AppError('language_unavailable', `An administrator has switched ${language} off on this server.`);
}

function checkName(others: readonly Row[], name: string): void {
  if (others.some((row) => row.name === name)) {
    throw new AppError('conflict', `There is an environment "${name}" already.`);
  }
}

/** @throws AppError `limit_exceeded` */
function merged(known: Variables, changes: Changes): Variables {
  const all = new Map(Object.entries(known));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) all.delete(name);
    else all.set(name, storable(value));
  }
  if (all.size > VARIABLES_MOST) {
    throw new AppError('limit_exceeded', `An environment has at most ${VARIABLES_MOST} variables.`);
  }
  return Object.fromEntries(all);
}
