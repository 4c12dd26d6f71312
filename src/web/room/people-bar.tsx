// Who is here, as discs; a click follows that person's cursor.

import { showSide } from '../state/layout.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Avatar } from '../ui/avatar.tsx';

/** Discs before the rest is a number. */
const SHOWN = 5;

export function PeopleBar() {
  const { view, follow, idle } = useWorkspace();
  const people = view.people.value;
  const own = view.me.value.userId;
  const rest = people.length - SHOWN;
  return (
    <fieldset class="people-bar" aria-label="People in the room">
      {people.slice(0, SHOWN).map((person) => {
        const mine = person.userId === own;
        const followed = follow.userId.value === person.userId;
        const isIdle = idle.value.has(person.userId);
        const state = isIdle ? `${person.role}, idle` : person.role;
        const hint = mine ? `${person.displayName} (you)` : `${person.displayName}, ${state}`;
        const deed = followed ? `Stop following ${person.displayName}` : `Follow ${person.displayName}`;
        return (
          <button
            key={person.userId}
            type="button"
            class={`avatar-button ${followed ? 'followed' : ''}`}
            title={mine ? hint : `${hint} · ${followed ? 'click to stop following' : 'click to follow'}`}
            aria-label={mine ? `${hint}: show people` : deed}
            aria-pressed={mine ? undefined : followed}
            onClick={() => {
              if (mine) showSide('people');
              else if (followed) follow.stop();
              else void follow.start(person.userId);
            }}
          >
            <Avatar person={person} idle={isIdle} />
          </button>
        );
      })}
      {rest > 0 && (
        <button type="button" class="more-people" title="Show everybody" onClick={() => showSide('people')}>
          +{rest}
        </button>
      )}
    </fieldset>
  );
}
