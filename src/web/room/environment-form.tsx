// Making and changing an environment. Values of variables that are there are not shown: what is left alone stays.
import { type Signal, useSignal } from '@preact/signals';
import type { Environment, EnvironmentActions } from '../state/environments.ts';
import { useWorkspace } from '../state/workspace.ts';
import { TextArea } from '../ui/fields.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';

interface FormProps {
  /** Undefined for a new one. */
  readonly known: Environment | undefined;
  readonly actions: EnvironmentActions;
  readonly onClose: () => void;
}

const VARIABLES_LENGTH = 32_768;

export function EnvironmentForm({ known, actions, onClose }: FormProps) {
  const { runs } = useWorkspace();
  const name = useSignal(known?.name ?? '');
  const language = useSignal(known?.language ?? runs.languages.value[0]?.id ?? 'javascript');
  const seconds = useSignal(known?.limits.wallMs === undefined ? '' : String(known.limits.wallMs / 1000));
  const heap = useSignal(String(known?.limits.heapMb ?? ''));
  const image = useSignal(known?.dockerImage ?? '');
  const variables = useSignal('');
  const form = useForm(onClose);
  const save = () => {
    const limits = {
      ...known?.limits,
      wallMs: seconds.value === '' ? undefined : Math.round(Number(seconds.value) * 1000),
      heapMb: heap.value === '' ? undefined : Number(heap.value),
    };
    const dockerImage = image.value.trim();
    const boxed = dockerImage === '' ? {} : { dockerImage };
    const given = { name: name.value, limits, variables: readVariables(variables.value), ...boxed };
    const runtime = dockerImage === '' ? 'isolate' : 'docker';
    return known
      ? actions.change({ environmentId: known.id, ...given })
      : actions.create({ ...given, language: language.value, runtime });
  };
  return (
    <form
      class="environment-form"
      aria-label={known ? `Change ${known.name}` : 'New environment'}
      onSubmit={(event) => form.send(event, async () => save())}
    >
      <Line label="Name" id="environment-name" value={name} required />
      {!known && <LanguageField value={language} />}
      {!known && <Line label="Image of a container (empty: the usual way)" id="environment-image" value={image} />}
      {known?.runtime === 'docker' && (
        <Line label="Image of its container" id="environment-image" value={image} required />
      )}
      <Line label="Seconds at most (empty: the server’s)" id="environment-seconds" value={seconds} type="number" />
      <Line label="MB of memory at most (empty: the server’s)" id="environment-heap" value={heap} type="number" />
      <TextArea
        label="Variables to set, NAME=value; a name alone takes it away"
        id="environment-variables"
        value={variables}
        rows={4}
        maxLength={VARIABLES_LENGTH}
      />
      {known && known.variables.length > 0 && <p class="hint">Set already: {known.variables.join(', ')}</p>}
      <FormEnd form={form} deed={known ? 'Save' : 'Make it'}>
        <button type="button" class="button" onClick={onClose}>
          Back
        </button>
      </FormEnd>
    </form>
  );
}

function readVariables(text: string): Record<string, string | null> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), null] : [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

interface LineProps {
  readonly label: string;
  readonly id: string;
  readonly value: Signal<string>;
  readonly type?: 'text' | 'number';
  readonly required?: boolean;
}

function Line({ label, id, value, type = 'text', required = false }: LineProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="input"
        type={type}
        step="any"
        required={required}
        maxLength={200}
        autocomplete="off"
        value={value.value}
        onInput={(event) => {
          value.value = event.currentTarget.value;
        }}
      />
    </div>
  );
}

function LanguageField({ value }: { value: Signal<string> }) {
  const { runs } = useWorkspace();
  return (
    <div class="field">
      <label for="environment-language">Language</label>
      <select
        id="environment-language"
        class="select"
        value={value.value}
        onChange={(event) => {
          value.value = event.currentTarget.value;
        }}
      >
        {runs.languages.value.map((each) => (
          <option key={each.id} value={each.id}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  );
}
