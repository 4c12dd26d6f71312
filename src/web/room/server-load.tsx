// How busy the server is right now, for those who manage the room: runs, sandboxes, and what each sandbox uses.
import type { Load } from '../state/statistics.ts';
import { byteSize, duration } from '../ui/times.ts';

/** One line of figures; nothing until they are known. */
export function ServerLoad({ load }: { load: Load | undefined }) {
  if (!load) return null;
  const { running, waiting, parked, warm, bound, isolation, working, room } = load;
  const rest = running + waiting + parked - room.running - room.waiting;
  return (
    <dl class="load" aria-label="The server right now" title="The server right now">
      <Now name="running" value={running} />
      <Now name="waiting" value={waiting} />
      {parked > 0 && <Now name="wait for input" value={parked} />}
      <Now name="of other rooms" value={Math.max(0, rest)} />
      <Now name="sandboxes ready" value={warm} />
      <Now name="kept by rooms" value={bound} />
      <div>
        <dt class="sr-only">Sandboxes are kept apart by</dt>
        <dd>{working ? isolation.replaceAll('-', ' ') : 'no sandbox can be started'}</dd>
      </div>
    </dl>
  );
}

function Now({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const STATES: Readonly<Record<Load['sandboxes'][number]['state'], string>> = {
  starting: 'Starting',
  warm: 'Ready',
  bound: 'Of another room',
  leaving: 'Ending',
};

/** What there is now, one sandbox on each line. */
export function Sandboxes({ of: sandboxes }: { of: Load['sandboxes'] }) {
  if (sandboxes.length === 0) return null;
  const memory = sandboxes.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  return (
    <table class="figures-table">
      <caption>Sandboxes right now, with {byteSize(memory)} of memory</caption>
      <thead>
        <tr>
          <th scope="col">sandbox</th>
          <th scope="col">Runs</th>
          <th scope="col">Memory</th>
          <th scope="col">Processor time</th>
        </tr>
      </thead>
      <tbody>
        {sandboxes.map(({ state, own, runs, memoryBytes, cpuMs }, index) => (
          <tr key={index}>
            <th scope="row">{own ? 'Of this room' : STATES[state]}</th>
            <td>{runs}</td>
            <td>{byteSize(memoryBytes)}</td>
            <td>{duration(cpuMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
