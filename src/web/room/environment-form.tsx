// Making and changing an environment. Values of variables that are there are not shown: what is left alone stays.
import { type Signal, useSignal } from '@preact/signals';
import type { Environment, EnvironmentActions } from '../state/environments.ts';
import { useWorkspace } from '../state/workspace.ts';
import { TextArea } from '../ui/fields.tsx';
import { type FormState, useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';

interface FormProps {
  /** Undefined for a new one. */
  readonly known: Environment | undefined;
  readonly actions: EnvironmentActions;
  readonly onClose: () => void;
}

const VARIABLES_LENGTH = 32_768;
const LINE_LENGTH = 200;

export function EnvironmentForm({ known, actions, onClose }: FormProps) {
  const { runs } = useWorkspace();
  const name = useSignal(known?.name ?? '');
  const language = useSignal(known?.language ?? runs.languages.value[0]?.id ?? 'javascript');
  const seconds = useSignal(known?.limits.wallMs === undefined ? '' : String(known.limits.wallMs / 1000));
  const heap = useSignal(String(known?.limits.heapMb ?? ''));
  const image = useSignal(known?.dockerImage ?? '');
  const variables = useSignal('');
  const languages = runs.languages.value.map(({ id, name: shown }) => [id, shown] as const);
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
      <TextField label="Name" value={name} maxLength={LINE_LENGTH} {...form.field('name')} />
      {!known && <SelectField label="Language" value={language} choices={languages} {...form.field('language')} />}
      {(!known || known.runtime === 'docker') && (
        <TextField
          label={known ? 'Image of its container' : 'Image of a container (empty: the usual way)'}
          value={image}
          required={known !== undefined}
          maxLength={LINE_LENGTH}
          {...form.field('dockerImage')}
        />
      )}
      <Limits form={form} seconds={seconds} heap={heap} />
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

interface LimitsProps {
  readonly form: FormState;
  readonly seconds: Signal<string>;
  readonly heap: Signal<string>;
}

function Limits({ form, seconds, heap }: LimitsProps) {
  return (
    <>
      <TextField
        label="Seconds at most (empty: the server’s)"
        value={seconds}
        type="number"
        required={false}
        {...form.field('limits.wallMs')}
      />
      <TextField
        label="MB of memory at most (empty: the server’s)"
        value={heap}
        type="number"
        required={false}
        {...form.field('limits.heapMb')}
      />
    </>
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
