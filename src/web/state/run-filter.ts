// Which runs the list shows: what is asked of the server, and the same for those that are here already.
import type { CommandInput, Execution } from '../../client/index.ts';

export type RunFilter = Partial<
  Pick<CommandInput<'run.list'>, 'userId' | 'fileId' | 'language' | 'status' | 'kind' | 'from'>
>;

export function fits(run: Execution, filter: RunFilter): boolean {
  const { from, ...same } = filter;
  if (from !== undefined && run.createdAt < from) return false;
  return Object.entries(same).every(([field, value]) => run[field as keyof typeof same] === value);
}

/** The filter with one part changed; an empty value takes the part out. */
export function withPart(filter: RunFilter, part: keyof RunFilter, value: string): RunFilter {
  const { [part]: _, ...rest } = filter;
  return value === '' ? rest : { ...rest, [part]: value };
}
