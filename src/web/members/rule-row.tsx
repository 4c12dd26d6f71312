// One rule by path: the pattern, what it says about each right, and the files it is about.
import { Trash2 } from 'lucide-preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PathRight } from '../../client/index.ts';
import { matches } from '../../protocol/path-pattern.ts';
import { useWorkspace } from '../state/workspace.ts';
import { count } from '../ui/times.ts';
import { fullPattern, NEW_RULE, RIGHTS, type RuleDraft, type Stance } from './rule-drafts.ts';

interface RuleRowProps {
  /** From 1. */
  readonly number: number;
  readonly rule: RuleDraft;
  readonly problem: string | undefined;
  readonly onChange: (next: RuleDraft) => void;
  readonly onRemove: () => void;
}

const STANCES: readonly { readonly value: Stance; readonly name: string }[] = [
  { value: 'role', name: 'by role' },
  { value: 'allow', name: 'allow' },
  { value: 'deny', name: 'deny' },
];

export function RuleRow({ number, rule, problem, onChange, onRemove }: RuleRowProps) {
  const note = `rule-note-${number}`;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The next thing to do is to say which files.
    if (rule === NEW_RULE) input.current?.focus();
  }, []);
  return (
    <li class="rule">
      <div class="rule-path">
        <input
          ref={input}
          class="input code"
          aria-label={`Path of rule ${number}`}
          aria-describedby={note}
          aria-invalid={problem !== undefined}
          placeholder="/private/**"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={rule.path}
          onInput={(event) => onChange({ ...rule, path: event.currentTarget.value })}
        />
        <button
          type="button"
          class="icon"
          aria-label={`Remove rule ${number}`}
          title="Remove the rule"
          onClick={onRemove}
        >
          <Trash2 size={14} aria-hidden="true" />
        </button>
      </div>
      <div class="rule-rights">
        {RIGHTS.map((right) => (
          <StanceSelect
            key={right}
            right={right}
            number={number}
            stance={rule.stances[right]}
            onChange={(stance) => onChange({ ...rule, stances: { ...rule.stances, [right]: stance } })}
          />
        ))}
      </div>
      <p id={note} class={problem ? 'hint bad' : 'hint'} role={problem ? 'alert' : undefined}>
        {problem ?? <Meant path={rule.path} />}
      </p>
    </li>
  );
}

interface StanceProps {
  readonly right: PathRight;
  readonly number: number;
  readonly stance: Stance;
  readonly onChange: (stance: Stance) => void;
}

function StanceSelect({ right, number, stance, onChange }: StanceProps) {
  return (
    <label class={`rule-right ${stance}`}>
      <span>{right}</span>
      <select
        class="select small"
        aria-label={`Rule ${number}: ${right}`}
        value={stance}
        onChange={(event) => onChange(event.currentTarget.value as Stance)}
      >
        {STANCES.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Names of files that are said; the rest is a number. */
const NAMED = 3;

/** Which files of the room a pattern is about now. */
function Meant({ path }: { path: string }) {
  const { view } = useWorkspace();
  const pattern = fullPattern(path);
  const meant = view.files.value.filter((file) => matches(pattern, file.path)).map((file) => file.path);
  if (meant.length === 0) return <>No file of the room, so far.</>;
  const rest = meant.length - NAMED;
  return (
    <>
      {count(meant.length, 'file')}: {meant.slice(0, NAMED).join(', ')}
      {rest > 0 && ` and ${rest} more`}
    </>
  );
}
