// What code runs in: the room's choice for each language, and for administrators of the server making and changing.
import '../styles/environments.css';
import { useSignal } from '@preact/signals';
import {
  type Environment,
  type EnvironmentActions,
  type Environments,
  useEnvironments,
} from '../state/environments.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { duration } from '../ui/times.ts';
import { EnvironmentForm } from './environment-form.tsx';

export function EnvironmentsDialog({ onClose }: { onClose: () => void }) {
  const actions = useEnvironments();
  const editing = useSignal<Environment | 'new' | undefined>(undefined);
  const close = () => {
    editing.value = undefined;
  };
  return (
    <Dialog label="Environments" class="environments" onClose={onClose}>
      <h2>Environments</h2>
      <p class="hint">
        What a run may use, and the variables it is given. The values of variables are never shown again.
      </p>
      {editing.value === undefined && (
        <Loaded of={actions.all} what="the environments">
          {(shown) => (
            <>
              <Choices shown={shown} actions={actions} />
              {shown.mayManage && <Managed shown={shown} actions={actions} onEdit={(each) => (editing.value = each)} />}
            </>
          )}
        </Loaded>
      )}
      {editing.value !== undefined && (
        <EnvironmentForm
          key={editing.value === 'new' ? 'new' : editing.value.id}
          known={editing.value === 'new' ? undefined : editing.value}
          actions={actions}
          onClose={close}
        />
      )}
      {editing.value === undefined && (
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        </div>
      )}
    </Dialog>
  );
}

interface PartProps {
  readonly shown: Environments;
  readonly actions: EnvironmentActions;
}

/** One line per language that has something to choose from. */
function Choices({ shown, actions }: PartProps) {
  const { view, runs } = useWorkspace();
  const inUse = shown.list.filter(({ isActive }) => isActive);
  const languages = [...new Set(inUse.map(({ language }) => language))];
  const nameOf = (id: string) => runs.languages.value.find((each) => each.id === id)?.name ?? id;
  return (
    <fieldset class="environment-choices" disabled={!view.rights.value.manage}>
      <legend>In this room{view.rights.value.manage ? '' : ' (chosen by its owner)'}</legend>
      {languages.map((language) => {
        const some = inUse.filter((each) => each.language === language);
        return (
          <label key={language}>
            <span>{nameOf(language)}</span>
            <select
              class="select small"
              aria-label={`Environment for ${nameOf(language)}`}
              value={shown.choices.get(language) ?? ''}
              onChange={(event) => void actions.choose(language, event.currentTarget.value || null)}
            >
              <option value="">The usual one</option>
              {some.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </fieldset>
  );
}

function Managed({ shown, actions, onEdit }: PartProps & { onEdit: (each: Environment | 'new') => void }) {
  return (
    <section aria-label="All environments of the server">
      <h3>On this server</h3>
      <ul class="environment-list">
        {shown.list.map((each) => (
          <li key={each.id} class={each.isActive ? '' : 'retired'}>
            <span>
              <strong>{each.name}</strong>
              <span class="muted">{words(each)}</span>
            </span>
            <span class="stretch" />
            <button type="button" class="link" aria-label={`Change ${each.name}`} onClick={() => onEdit(each)}>
              Change
            </button>
            <button
              type="button"
              class="link"
              aria-label={`${each.isActive ? 'Retire' : 'Bring back'} ${each.name}`}
              onClick={() => void actions.setActive(each.id, !each.isActive)}
            >
              {each.isActive ? 'Retire' : 'Bring back'}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="button small" onClick={() => onEdit('new')}>
        New environment
      </button>
    </section>
  );
}

function words({ language, dockerImage, limits, variables, isActive }: Environment): string {
  const parts = [language, ...(dockerImage === null ? [] : [dockerImage])];
  if (limits.wallMs !== undefined) parts.push(duration(limits.wallMs));
  if (limits.heapMb !== undefined) parts.push(`${limits.heapMb} MB`);
  if (variables.length > 0) parts.push(variables.join(', '));
  if (!isActive) parts.push('out of use');
  return parts.join(' · ');
}
