// Who can do what with a room by its code alone.
import type { RoomInfo } from '../../client/index.ts';

export type Visibility = RoomInfo['visibility'];

const MEANING: Record<Visibility, { readonly label: string; readonly text: string }> = {
  collaborative: { label: 'Open', text: 'Whoever has the code can edit.' },
  public: { label: 'View only', text: 'Whoever has the code can watch; you choose who edits.' },
  private: { label: 'Private', text: 'Whoever has the code asks; you let people in.' },
};

interface ChoiceProps {
  readonly chosen: Visibility;
  readonly onChoose: (next: Visibility) => void;
}

export function VisibilityChoice({ chosen, onChoose }: ChoiceProps) {
  return (
    <fieldset class="field">
      <legend>Who can do what</legend>
      <div class="segments">
        {(Object.keys(MEANING) as Visibility[]).map((each) => (
          <label key={each} class={each === chosen ? 'segment chosen' : 'segment'}>
            <input
              type="radio"
              name="visibility"
              value={each}
              checked={each === chosen}
              onChange={() => onChoose(each)}
            />
            {MEANING[each].label}
          </label>
        ))}
      </div>
      <p class="hint">{MEANING[chosen].text}</p>
    </fieldset>
  );
}
