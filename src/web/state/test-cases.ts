// The test cases of the file in front, kept up with what others do to them.
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CommandInput, TestCase } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { notify } from './notices.ts';
import type { RoomView } from './room-view.ts';

export type CaseDraft = Omit<CommandInput<'test.save'>, 'fileId'>;

/** Undefined until they are known. */
export function useTestCases(
  view: RoomView,
  fileId: string | undefined,
): ReadonlySignal<readonly TestCase[] | undefined> {
  const cases = useSignal<readonly TestCase[] | undefined>(undefined);
  useEffect(() => {
    cases.value = undefined;
    if (fileId === undefined) return undefined;
    let gone = false;
    /** What was heard before the list came counts more than the list. */
    const heard = new Map<string, TestCase | undefined>();
    const apply = (id: string, changed: TestCase | undefined) => {
      heard.set(id, changed);
      if (cases.value) cases.value = withCase(cases.value, id, changed);
    };
    const stops = [
      view.client.on('test.saved', ({ case: saved }) => {
        if (saved.fileId === fileId) apply(saved.id, saved);
      }),
      view.client.on('test.removed', (removed) => {
        if (removed.fileId === fileId) apply(removed.caseId, undefined);
      }),
    ];
    view.client.call('test.list', { fileId }).then(
      ({ cases: listed }) => {
        if (gone) return;
        cases.value = [...heard].reduce(
          (all, [id, changed]) => withCase(all, id, changed),
          listed as readonly TestCase[],
        );
      },
      (error: unknown) => {
        if (!gone) notify({ kind: 'bad', text: failure('The tests could not be loaded', error) });
      },
    );
    return () => {
      gone = true;
      for (const stop of stops) stop();
    };
  }, [fileId, view.state.value]);
  return cases;
}

function withCase(cases: readonly TestCase[], id: string, changed: TestCase | undefined): readonly TestCase[] {
  if (!changed) return cases.filter((each) => each.id !== id);
  const known = cases.some((each) => each.id === id);
  return known ? cases.map((each) => (each.id === id ? changed : each)) : [...cases, changed];
}

/** @returns whether it was saved */
export async function saveCase(view: RoomView, fileId: string, draft: CaseDraft): Promise<boolean> {
  try {
    await view.client.call('test.save', { fileId, ...draft });
    return true;
  } catch (error) {
    notify({ kind: 'bad', text: failure('The test was not saved', error) });
    return false;
  }
}

export async function removeCase(view: RoomView, { fileId, id }: TestCase): Promise<void> {
  try {
    await view.client.call('test.remove', { fileId, caseId: id });
  } catch (error) {
    notify({ kind: 'bad', text: failure('The test was not removed', error) });
  }
}
