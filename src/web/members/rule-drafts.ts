// Rules by path while they are edited: drafts per person until they are saved, all together.
import { type ReadonlySignal, signal } from '@preact/signals';
import type { PathRight, PathRule, Permission } from '../../client/index.ts';
import type { RoomView } from '../state/room-view.ts';

export const RIGHTS: readonly PathRight[] = ['read', 'write', 'delete'];

/** `role`: the rule says nothing about it. */
export type Stance = 'role' | 'allow' | 'deny';

export interface RuleDraft {
  readonly path: string;
  readonly stances: Readonly<Record<PathRight, Stance>>;
}

/** Null stands for everybody. */
export type Holder = string | null;

export interface RuleDrafts {
  /** Those with rules, and those whose rules were touched. */
  readonly held: ReadonlySignal<ReadonlyMap<Holder, readonly RuleDraft[]>>;
  /** Names of people with rules who are no members now. */
  readonly names: ReadonlyMap<string, string>;
  readonly dirty: ReadonlySignal<ReadonlySet<Holder>>;
  set(holder: Holder, rules: readonly RuleDraft[]): void;
  /** @throws CoderoomError; what was saved until then is saved */
  save(): Promise<void>;
}

export const NEW_RULE: RuleDraft = { path: '/', stances: { read: 'role', write: 'role', delete: 'role' } };

/** @param known the rules of the room, as they are on the server */
export function ruleDrafts({ room }: RoomView, known: readonly Permission[]): RuleDrafts {
  const held = signal<ReadonlyMap<Holder, readonly RuleDraft[]>>(
    new Map(known.map(({ userId, rules }) => [userId, rules.map(toDraft)])),
  );
  const dirty = signal<ReadonlySet<Holder>>(new Set());
  return {
    held,
    names: namesOf(known),
    dirty,
    set(holder, rules) {
      held.value = new Map(held.peek()).set(holder, rules);
      dirty.value = new Set(dirty.peek()).add(holder);
    },
    async save() {
      for (const holder of dirty.peek()) {
        const drafts = held.peek().get(holder) ?? [];
        if (drafts.length > 0) await room.manage.setPermission(holder, drafts.map(toRule));
        else await removed(room, holder);
        const rest = new Set(dirty.peek());
        rest.delete(holder);
        dirty.value = rest;
      }
    },
  };
}

/** Rules that were never saved are not there to be removed. */
async function removed({ manage }: RoomView['room'], holder: Holder): Promise<void> {
  const known = await manage.permissions();
  if (known.some(({ userId }) => userId === holder)) await manage.removePermission(holder);
}

function namesOf(permissions: readonly Permission[]): ReadonlyMap<string, string> {
  return new Map(permissions.flatMap(({ userId, displayName }) => (userId ? [[userId, displayName ?? userId]] : [])));
}

function toDraft({ path, allow, deny }: PathRule): RuleDraft {
  const stance = (right: PathRight): Stance =>
    deny.includes(right) ? 'deny' : allow.includes(right) ? 'allow' : 'role';
  return { path, stances: { read: stance('read'), write: stance('write'), delete: stance('delete') } };
}

function toRule({ path, stances }: RuleDraft): PathRule {
  const where = (wanted: Stance) => RIGHTS.filter((right) => stances[right] === wanted);
  return { path: fullPattern(path), allow: where('allow'), deny: where('deny') };
}

/** As the server wants it: from the root. */
export function fullPattern(path: string): string {
  const trimmed = path.trim().normalize('NFC');
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}

/** The server's limits (`PATH_LENGTH`, `RULES_PER_PERSON`). */
const PATH_LENGTH = 512;
export const MOST_RULES = 50;

/** The contract's rules for patterns (`pathPattern`), in words; undefined when it can be saved. */
export function ruleProblem({ path, stances }: RuleDraft): string | undefined {
  const pattern = fullPattern(path);
  if (pattern === '/') return 'Which files? /private/** are all in a folder, /**/*.env all that end so.';
  if (pattern.length > PATH_LENGTH) return `A pattern has at most ${PATH_LENGTH} characters.`;
  const parts = pattern.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return 'A pattern has no empty, . or .. part; files in a folder are /folder/**';
  if (parts.some((part) => part !== '**' && part.includes('**'))) return '** stands alone between slashes.';
  if (/[\p{Cc}\p{Cs}\\]/u.test(pattern)) return 'A pattern has no backslash or control characters.';
  if (RIGHTS.every((right) => stances[right] === 'role')) return 'Allow or deny something.';
  return undefined;
}
