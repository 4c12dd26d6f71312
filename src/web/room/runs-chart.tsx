// When runs ran: stacked bars in plain SVG, with the same figures as a table for those who do not see it.
import type { Statistics } from '../state/statistics.ts';

/** Units of the drawing; it is stretched to the width there is. */
const HEIGHT = 72;
const BAR = 10;
const GAP = 2;

const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const hour = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const DAY_MS = 86_400_000;

export function RunsChart({ data: { series, stepMs } }: { data: Statistics }) {
  const most = Math.max(1, ...series.map(({ completed, failed }) => completed + failed));
  const words = stepMs >= DAY_MS ? day : stepMs * series.length > DAY_MS ? hour : minute;
  const name = (at: string) => words.format(new Date(at));
  const scale = (count: number) => (count / most) * HEIGHT;
  return (
    <figure class="chart">
      <figcaption>
        <span class="key good">succeeded</span> <span class="key bad">failed</span>
        <span class="muted">most at once: {most}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${series.length * BAR} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Runs over time; the table that follows has the figures`}
      >
        {series.map(({ at, completed, failed }, index) => (
          <g key={at}>
            <title>{`${name(at)}: ${completed} succeeded, ${failed} failed`}</title>
            <rect class="bar-space" x={index * BAR} y={0} width={BAR} height={HEIGHT} />
            <Bar look="good" index={index} from={HEIGHT} height={scale(completed)} />
            <Bar look="bad" index={index} from={HEIGHT - scale(completed)} height={scale(failed)} />
          </g>
        ))}
      </svg>
      <div class="chart-ends muted" aria-hidden="true">
        <span>{name(series[0]?.at ?? '')}</span>
        <span>{name(series.at(-1)?.at ?? '')}</span>
      </div>
      <table class="sr-only">
        <caption>Runs over time</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Succeeded</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {series
            .filter(({ completed, failed }) => completed + failed > 0)
            .map(({ at, completed, failed }) => (
              <tr key={at}>
                <th scope="row">{name(at)}</th>
                <td>{completed}</td>
                <td>{failed}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}

interface BarProps {
  readonly look: 'good' | 'bad';
  readonly index: number;
  /** Where it stands, from the top. */
  readonly from: number;
  readonly height: number;
}

function Bar({ look, index, from, height }: BarProps) {
  if (height === 0) return null;
  return <rect class={`bar ${look}`} x={index * BAR + GAP / 2} y={from - height} width={BAR - GAP} height={height} />;
}
