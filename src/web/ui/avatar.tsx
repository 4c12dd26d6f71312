// A person as a small disc: initials on their colour.
import type { Participant } from '../../client/index.ts';
import { initials } from './initials.ts';
import { personClass } from './person.ts';

interface AvatarProps {
  readonly person: Pick<Participant, 'displayName' | 'color'>;
  readonly idle?: boolean;
}

export function Avatar({ person, idle = false }: AvatarProps) {
  // Drawn by the style sheet: the letters are a picture, the name stands beside it or in the button's label.
  return (
    <span
      class={`avatar ${personClass(person.color)} ${idle ? 'idle' : ''}`}
      data-initials={initials(person.displayName)}
      aria-hidden="true"
    />
  );
}
