// The server's environments and the room's choice among them, for the dialog that shows them.
import type { CommandInput, CommandOutput } from '../../client/index.ts';
import { failure } from '../error-words.ts';
import { type Loading, useLoaded } from './loading.ts';
import { notify } from './notices.ts';
import { useWorkspace } from './workspace.ts';

export type Environment = CommandOutput<'environment.list'>['environments'][number];

export interface Environments {
  readonly list: readonly Environment[];
  readonly mayManage: boolean;
  /** language → environment */
  readonly choices: ReadonlyMap<string, string>;
}

export interface EnvironmentActions {
  readonly all: Loading<Environments>;
  choose(language: string, environmentId: string | null): Promise<boolean>;
  /** @throws CoderoomError */
  create(input: CommandInput<'environment.create'>): Promise<void>;
  /** @throws CoderoomError */
  change(input: CommandInput<'environment.change'>): Promise<void>;
  setActive(environmentId: string, isActive: boolean): Promise<boolean>;
}

export function useEnvironments(): EnvironmentActions {
  const { view } = useWorkspace();
  const roomId = view.room.info.id;
  const all = useLoaded<Environments>(async () => {
    const [{ environments, mayManage }, { choices }] = await Promise.all([
      view.client.call('environment.list', {}),
      view.client.call('environment.choices', { roomId }),
    ]);
    const chosen = new Map(choices.map(({ language, environmentId }) => [language, environmentId]));
    return { list: environments, mayManage, choices: chosen };
  });
  const attempt = async (what: string, act: () => Promise<unknown>) => {
    try {
      await act();
      await all.load();
      return true;
    } catch (error) {
      notify({ kind: 'bad', text: failure(what, error) });
      return false;
    }
  };
  return {
    all,
    choose: (language, environmentId) =>
      attempt('The choice was not kept', () =>
        view.client.call('environment.choose', { roomId, language, environmentId }),
      ),
    async create(input) {
      await view.client.call('environment.create', input);
      await all.load();
    },
    async change(input) {
      await view.client.call('environment.change', input);
      await all.load();
    },
    setActive: (environmentId, isActive) =>
      attempt('It was not changed', () => view.client.call('environment.change', { environmentId, isActive })),
  };
}
