// Who is banned from the room; shown to its owner, where there is somebody.
import { useEffect } from 'preact/hooks';
import { useWorkspace } from '../state/workspace.ts';
import { ago } from '../ui/times.ts';

export function BanList() {
  const { members, view } = useWorkspace();
  useEffect(() => void members.loadBans(), [view.rights.value.manage]);
  const bans = members.bans.value;
  if (bans.length === 0) return null;
  const title = `Banned (${bans.length})`;
  return (
    <section aria-label={title}>
      <h3 class="group-head">{title}</h3>
      <ul class="people">
        {bans.map((ban) => (
          <li key={ban.userId} class="person">
            <span class="person-name">
              <span class="cut" title={ban.displayName}>
                {ban.displayName}
              </span>
              <span class="person-facts">banned {ago(ban.createdAt)}</span>
            </span>
            <button
              type="button"
              class="button small"
              aria-label={`Take the ban of ${ban.displayName} back`}
              onClick={() => void members.unban(ban)}
            >
              Take back
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
