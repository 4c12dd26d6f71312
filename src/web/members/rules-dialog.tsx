// Rules by path: on top whose, below them the rules, with the files each of them is about.
import { type Signal, useSignal } from '@preact/signals';
import { Plus } from 'lucide-preact';
import { useMemo } from 'preact/hooks';
import type { Permission } from '../../client/index.ts';
import { useLoaded } from '../state/loading.ts';
import { notify } from '../state/notices.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Dialog } from '../ui/dialog.tsx';
import { useForm } from '../ui/form.ts';
import { FormEnd } from '../ui/form-end.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { count } from '../ui/times.ts';
import {
  type Holder,
  MOST_RULES,
  NEW_RULE,
  type RuleDraft,
  type RuleDrafts,
  ruleDrafts,
  ruleProblem,
} from './rule-drafts.ts';
import { RuleRow } from './rule-row.tsx';

interface RulesDialogProps {
  readonly userId: Holder;
  readonly onClose: () => void;
}

export function RulesDialog({ userId, onClose }: RulesDialogProps) {
  const { view } = useWorkspace();
  const loading = useLoaded(() => view.room.manage.permissions());
  return (
    <Dialog label="Rules by path" class="rules" onClose={onClose}>
      <h2>Rules by path</h2>
      <Loaded of={loading} what="the rules">
        {(permissions) => <Rules permissions={permissions} userId={userId} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

interface PartProps {
  readonly drafts: RuleDrafts;
  readonly holder: Signal<Holder>;
}

function Rules({ permissions, userId, onClose }: RulesDialogProps & { permissions: readonly Permission[] }) {
  const { view } = useWorkspace();
  const drafts = useMemo(() => ruleDrafts(view, permissions), []);
  const holder = useSignal<Holder>(userId);
  /** Problems are told once somebody tried to save. */
  const tried = useSignal(false);
  const form = useForm(() => {
    notify({ kind: 'good', text: 'The rules are saved, and hold already.' });
    onClose();
  });
  const rules = drafts.held.value.get(holder.value) ?? [];
  const save = async () => {
    const wrong = [...drafts.dirty.peek()].find((each) => drafts.held.peek().get(each)?.some(ruleProblem));
    tried.value = true;
    if (wrong === undefined) return drafts.save();
    holder.value = wrong;
    return false;
  };
  return (
    <form noValidate onSubmit={(event) => form.send(event, save)}>
      <HolderSelect drafts={drafts} holder={holder} />
      {rules.length === 0 && <NoRules holder={holder.value} />}
      <RuleList rules={rules} tried={tried.value} onChange={(next) => drafts.set(holder.peek(), next)} />
      <p class="hint">
        <code>*</code> stands for a part of a name, <code>**</code> for any folders. The longest pattern decides; of two
        as long, “deny” wins. Rules of a person come before those for everybody; the owner is held back by none.
      </p>
      <FormEnd form={form} deed="Save" onCancel={onClose} disabled={drafts.dirty.value.size === 0} />
    </form>
  );
}

interface RuleListProps {
  readonly rules: readonly RuleDraft[];
  readonly tried: boolean;
  readonly onChange: (rules: readonly RuleDraft[]) => void;
}

function RuleList({ rules, tried, onChange }: RuleListProps) {
  return (
    <>
      <ul class="rule-list">
        {rules.map((rule, index) => (
          <RuleRow
            key={index}
            number={index + 1}
            rule={rule}
            problem={tried ? ruleProblem(rule) : undefined}
            onChange={(next) => onChange(rules.with(index, next))}
            onRemove={() => onChange(rules.toSpliced(index, 1))}
          />
        ))}
      </ul>
      <div>
        <button
          type="button"
          class="button small"
          disabled={rules.length >= MOST_RULES}
          onClick={() => onChange([...rules, NEW_RULE])}
        >
          <Plus size={14} aria-hidden="true" />
          Add a rule
        </button>
      </div>
    </>
  );
}

function HolderSelect({ drafts, holder }: PartProps) {
  const { view } = useWorkspace();
  const members = [...view.people.value, ...view.away.value].filter(({ role }) => role !== 'owner');
  const names = new Map([...drafts.names, ...members.map(({ userId, displayName }) => [userId, displayName] as const)]);
  const shown = (who: Holder, name: string) => {
    const rules = drafts.held.value.get(who)?.length ?? 0;
    return `${name}${rules > 0 ? ` (${count(rules, 'rule')})` : ''}`;
  };
  return (
    <div class="field">
      <label for="rules-holder">For</label>
      <select
        id="rules-holder"
        class="select"
        value={holder.value ?? ''}
        onChange={(event) => {
          holder.value = event.currentTarget.value || null;
        }}
      >
        <option value="">{shown(null, 'Everybody')}</option>
        {[...names].map(([id, name]) => (
          <option key={id} value={id}>
            {shown(id, name)}
          </option>
        ))}
      </select>
    </div>
  );
}

function NoRules({ holder }: { holder: Holder }) {
  return (
    <p class="rules-empty">
      {holder === null
        ? 'No rules for everybody: what people may do with files is as their role says.'
        : 'No rules of their own: those for everybody hold, and their role.'}
    </p>
  );
}
