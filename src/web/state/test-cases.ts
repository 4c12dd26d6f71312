// The test cases of the file in front, kept up with what others do to them.
import { useEffect, useMemo } from 'preact/hooks';
import type { CommandInput, TestCase } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { type Loading, useLoaded } from './loading.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';

export type CaseDraft = Omit<CommandInput<'test.save'>, 'fileId'>;

export function useTestCases(view: RoomView, fileId: string): Loading<readonly TestCase[]> {
  /** What was heard since they were asked for counts more than the answer. */
  const heard = useMemo(() => new Map<string, TestCase | undefined>(), [fileId]);
  const ask = async (): Promise<readonly TestCase[]> => {
    heard.clear();
    const { cases } = await view.client.call('test.list', { fileId });
    return [...heard].reduce((all, [id, changed]) => withCase(all, id, changed), cases as readonly TestCase[]);
  };
  const loading = useLoaded(ask, [fileId], [view.state.value]);
  useEffect(() => {
    const apply = (id: string, changed: TestCase | undefined) => {
      heard.set(id, changed);
      loading.change((cases) => withCase(cases, id, changed));
    };
    const stops = [
      view.client.on('test.saved', ({ case: saved }) => {
        if (saved.fileId === fileId) apply(saved.id, saved);
      }),
      view.client.on('test.removed', (removed) => {
        if (removed.fileId === fileId) apply(removed.caseId, undefined);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [loading]);
  return loading;
}

function withCase(cases: readonly TestCase[], id: string, changed: TestCase | undefined): readonly TestCase[] {
  if (!changed) return cases.filter((each) => each.id !== id);
  const known = cases.some((each) => each.id === id);
  return known ? cases.map((each) => (each.id === id ? changed : each)) : [...cases, changed];
}

/** @throws CoderoomError */
export async function saveCase(view: RoomView, fileId: string, draft: CaseDraft): Promise<void> {
  await view.client.call('test.save', { fileId, ...draft });
}

export async function removeCase(view: RoomView, { fileId, id }: TestCase): Promise<void> {
  try {
    await view.client.call('test.remove', { fileId, caseId: id });
  } catch (error) {
    notify({ kind: 'bad', text: failure('The test was not removed', error) });
  }
}
