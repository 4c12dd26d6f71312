// Making and changing a test case.
import { useSignal } from '@preact/signals';
import type { TestCase } from '../../client/index.ts';
import { saveCase } from '../state/test-cases.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Check, TextArea } from '../ui/fields.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { TextField } from '../ui/text-field.tsx';

/** The server's limits (`CASE_TEXT_LENGTH`, `ARGS_LENGTH`). */
const NAME_LENGTH = 100;
const TEXT_LENGTH = 16_384;
const ARGS_LENGTH = 8_000;

interface FormProps {
  readonly fileId: string;
  /** The case to change; undefined for a new one. */
  readonly known: TestCase | undefined;
  readonly onClose: () => void;
}

export function CaseForm({ fileId, known, onClose }: FormProps) {
  const { view } = useWorkspace();
  const name = useSignal(known?.name ?? '');
  const args = useSignal(known?.args.join('\n') ?? '');
  const stdin = useSignal(known?.stdin ?? '');
  const expected = useSignal(known?.expectedOutput ?? '');
  const compares = useSignal(known ? known.expectedOutput !== null : true);
  const form = useForm(onClose);
  const save = () =>
    saveCase(view, fileId, {
      ...(known && { caseId: known.id }),
      name: name.value,
      args: args.value === '' ? [] : args.value.split('\n'),
      stdin: stdin.value,
      expectedOutput: compares.value ? expected.value : null,
    });
  return (
    <form
      class="test-form"
      aria-label={known ? `Change ${known.name}` : 'New test'}
      onSubmit={(event) => form.send(event, save)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <TextField label="Name" value={name} class="small" maxLength={NAME_LENGTH} focus {...form.field('name')} />
      <TextArea
        label="Arguments, one on each line"
        id="test-args"
        value={args}
        rows={3}
        maxLength={ARGS_LENGTH}
        small
      />
      <TextArea label="Input" id="test-stdin" value={stdin} rows={3} maxLength={TEXT_LENGTH} small />
      <TextArea
        label="Expected output"
        id="test-expected"
        value={expected}
        rows={3}
        maxLength={TEXT_LENGTH}
        small
        disabled={!compares.value}
      />
      <Check label="Compare the output" value={compares} />
      <p class="hint">
        Blanks at the end of a line, empty lines at the end and the kind of line ends do not count; everything else
        does.
      </p>
      <FormEnd form={form} deed={known ? 'Save' : 'Add test'} onCancel={onClose} small />
    </form>
  );
}
