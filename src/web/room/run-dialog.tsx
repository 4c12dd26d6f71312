// Running a file with arguments and input.
import { useSignal } from '@preact/signals';
import { runActive } from '../state/actions.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Check, TextArea } from '../ui/fields.tsx';

/** The server's limits (`STDIN_LENGTH`, `ARGS_LENGTH`). */
const STDIN_LENGTH = 65_536;
const ARGS_LENGTH = 8_000;

export function RunDialog({ onClose }: { onClose: () => void }) {
  const workspace = useWorkspace();
  const last = workspace.runs.again.peek();
  const input = useSignal(last?.stdin ?? '');
  const args = useSignal(last?.args?.join('\n') ?? '');
  const more = useSignal(last?.interactive ?? true);
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    onClose();
    const given = args.value === '' ? [] : args.value.split('\n');
    runActive(workspace, { stdin: input.value, args: given, interactive: more.value });
  };
  return (
    <Dialog label="Run with arguments and input" onClose={onClose}>
      <form class="run-dialog" onSubmit={onSubmit}>
        <h2>Run with arguments and input</h2>
        <TextArea label="Arguments, one on each line" id="run-args" value={args} rows={3} maxLength={ARGS_LENGTH} />
        <TextArea
          label="What the program reads from its standard input"
          id="run-stdin"
          value={input}
          rows={6}
          maxLength={STDIN_LENGTH}
        />
        <Check label="More can be typed while it runs" value={more} />
        <div class="actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Run
          </button>
        </div>
      </form>
    </Dialog>
  );
}
