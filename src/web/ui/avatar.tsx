// A person as a small disc: initials on their colour.
import type { Participant } from '../../client/index.ts';
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

/** First letters of the first and the last word; characters, not UTF-16 units. */
function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return chosen.map((word) => Array.from(word ?? '?')[0]?.toUpperCase()).join('');
}
