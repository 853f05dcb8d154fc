// A small line over time, drawn as SVG. What it shows is said in words too: now, the least and the most.
import { html } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';

const WIDTH = 300;
const HEIGHT = 64;
const EDGE = 3;

/** Points that follow each other without a gap, as SVG paths; what nobody knew is a gap. */
function lines(points, from, to, most) {
  const x = (at) => (((at - from) / (to - from || 1)) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - EDGE - (value / (most || 1)) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const found = [[]];
  for (const { at, value } of points) {
    if (value === null) found.push([]);
    else found.at(-1).push(`${x(at)} ${y(value)}`);
  }
  return found.filter((line) => line.length).map((line) => `M${line.join('L')}${line.length === 1 ? 'h.1' : ''}`);
}

/**
 * @param {{ label: string, points: { at: number, value: number | null }[], say: (value: number) => string, tone?: string, marks?: number[], foot?: (least: string) => string }} props
 *   points: oldest first, times in ms; marks: moments drawn across; foot: of something that is over, says the least below where the most is the head
 */
export function LineChart({ label, points, say, tone, marks = [], foot }) {
  const known = points.filter((one) => one.value !== null).map((one) => one.value);
  const last = points.at(-1)?.value ?? null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const shown = foot && known.length ? most : last;
  const now = shown === null ? t('ops.unknown') : say(shown);
  const minutes = points.length ? Math.max(1, Math.round((points.at(-1).at - points[0].at) / 60000)) : 0;
  const spread = known.length ? foot?.(say(least)) ?? t('ops.spread', { least: say(least), most: say(most), minutes }) : t('ops.unknown');
  return html`<figure class="chart" data-tone=${tone}>
    <figcaption><span class="chart-label">${label}</span><strong class="num">${now}</strong></figcaption>
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path class="chart-ground" d=${`M0 ${HEIGHT - EDGE}H${WIDTH}`} />
      ${marks.map((at) => html`<path key=${at} class="chart-mark" d=${`M${(((at - points[0].at) / (points.at(-1).at - points[0].at || 1)) * WIDTH).toFixed(1)} 0V${HEIGHT}`} />`)}
      ${points.length > 0 && lines(points, points[0].at, points.at(-1).at, most).map((d, at) => html`<path key=${at} class="chart-line" d=${d} />`)}
    </svg>
    <p class="hint">${spread}</p>
  </figure>`;
}
