// The roles that can be given, and what they mean.
import type { GivenRole } from '../../client/index.ts';

const ROLES: readonly { readonly role: GivenRole; readonly means: string }[] = [
  { role: 'collaborator', means: 'edits and runs' },
  { role: 'participant', means: 'runs, reads' },
  { role: 'viewer', means: 'reads' },
];

interface RoleSelectProps {
  readonly label: string;
  readonly id?: string;
  readonly value: GivenRole;
  /** `small`; `bare` shows that it can be changed only when one goes there; with its meanings otherwise. */
  readonly look?: 'small' | 'bare';
  readonly onChange: (role: GivenRole, select: HTMLSelectElement) => void;
}

export function RoleSelect({ label, id, value, look, onChange }: RoleSelectProps) {
  return (
    <select
      id={id}
      class={look ? `select ${look}` : 'select'}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as GivenRole, event.currentTarget)}
    >
      {ROLES.map(({ role, means }) => (
        <option key={role} value={role} title={means}>
          {look ? role : `${role}: ${means}`}
        </option>
      ))}
    </select>
  );
}
