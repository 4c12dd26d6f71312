// What somebody may do with the files of a room: the role decides, unless a path rule of the room says otherwise.
//
// Patterns: protocol/path-pattern.ts says what they stand for.
//
// Which rule counts. Of the rules that match a path and name the right, the one with the longest pattern, counted in
// characters other than `*`; among equally long ones a `deny` wins, also within one rule. A person's own rules come first;
// where they say nothing the rules for everybody; where those say nothing the role. Nobody writes or deletes what they may
// not read. The owner is not held back. A bot may what both itself and the one it belongs to may.
import type { Action } from '../protocol/define.ts';
import type { Role } from '../protocol/ids.ts';
import { matchesSegments, patternLength } from '../protocol/path-pattern.ts';
import type { FileRights, PathRight, PathRule } from '../protocol/permissions.ts';

export interface PathRights {
  /** Whether any rule holds; if not, the role decides everywhere. */
  readonly limited: boolean;
  /** What the role says. */
  readonly byRole: ByRole;
  /** @param path as files have it, without a slash at the beginning */
  may(right: PathRight, path: string): boolean;
  /** Whether there may be a path where the right is given. */
  mayAnywhere(right: PathRight): boolean;
}

/** Rules of one person, then those for everybody. */
export type Layers = readonly (readonly PathRule[])[];

/** What a role may where no rule says otherwise. */
export type ByRole = (right: PathRight) => boolean;

export const ACTION_OF: Readonly<Record<PathRight, Action>> = {
  read: 'file.read',
  write: 'file.write',
  delete: 'file.delete',
};

/** @param people the layers of everyone whose leave it takes: one's own, and for a bot those of its owner */
export function pathRights(role: Role, byRole: ByRole, people: readonly Layers[]): PathRights {
  const held = role === 'owner' ? [] : people.map((layers) => layers.filter((rules) => rules.length > 0));
  const limited = held.some((layers) => layers.length > 0);
  if (!limited) return { limited, byRole, may: byRole, mayAnywhere: byRole };
  const sorted = held.map((layers) => layers.map((rules) => rules.toSorted(longestFirst)));
  const matching = matchingIn(sorted);
  const decide = (right: PathRight, path: string): boolean =>
    matching(path).every((layers) => decisionOf(layers, right) ?? byRole(right));
  return {
    limited,
    byRole,
    may: (right, path) => decide(right, path) && (right === 'read' || decide('read', path)),
    mayAnywhere: (right) =>
      byRole(right) || held.some((layers) => layers.flat().some(({ allow }) => allow.includes(right))),
  };
}

/** Files of a list that somebody may read; the same list where they may read all. */
export function readable<F extends { readonly path: string }>(rights: PathRights, files: F[]): F[] {
  return rights.limited ? files.filter(({ path }) => rights.may('read', path)) : files;
}

/** Files of a list as somebody is shown them, with what they may do where that is not as their role says. */
export function listedFor<F extends { readonly id: string; readonly path: string }>(
  rights: PathRights,
  files: F[],
): { files: F[]; rights?: FileRights } {
  if (!rights.limited) return { files };
  const shown = readable(rights, files);
  const exceptions = shown
    .map(({ id, path }) => ({ fileId: id, write: rights.may('write', path), delete: rights.may('delete', path) }))
    .filter((each) => each.write !== rights.byRole('write') || each.delete !== rights.byRole('delete'));
  return { files: shown, rights: { create: rights.mayAnywhere('write'), exceptions } };
}

/** The rules that match a path; several rights to one file are asked for one after the other, so the last are kept. */
function matchingIn(people: readonly Layers[]): (path: string) => readonly Layers[] {
  let last: { readonly path: string; readonly found: readonly Layers[] } | undefined;
  return (path) => {
    if (last?.path === path) return last.found;
    const segments = path.split('/');
    const matched = (rules: readonly PathRule[]) => rules.filter((rule) => matchesSegments(rule.path, segments));
    last = { path, found: people.map((layers) => layers.map(matched)) };
    return last.found;
  };
}

/** @param layers of rules that match, each with the longest pattern first */
function decisionOf(layers: Layers, right: PathRight): boolean | undefined {
  for (const rules of layers) {
    const decided = decisionIn(rules, right);
    if (decided !== undefined) return decided;
  }
  return undefined;
}

function decisionIn(rules: readonly PathRule[], right: PathRight): boolean | undefined {
  let found: number | undefined;
  for (const { path: pattern, allow, deny } of rules) {
    if (!deny.includes(right) && !allow.includes(right)) continue;
    const length = patternLength(pattern);
    // Shorter than one that allows: there was no deny as long as that.
    if (found !== undefined && length < found) return true;
    if (deny.includes(right)) return false;
    found = length;
  }
  return found === undefined ? undefined : true;
}

const longestFirst = (one: PathRule, other: PathRule): number => patternLength(other.path) - patternLength(one.path);
