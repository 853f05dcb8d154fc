// One report of a drill or a rehearsal: the verdict, the figures, and what happened over time.
import { html } from '../vendor/ui.js';
import { LineChart } from '../components/line-chart.js';
import { moment, number } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';

const rounded = (value, places) => number(Math.round(value * 10 ** places) / 10 ** places);
const share = (value) => `${rounded(value * 100, 2)}%`;

/** By the unit that the name says. */
function said(name, value) {
  if (value === null) return t('drills.never');
  if (name === 'seed') return String(value);
  if (name.endsWith('_share') || name === 'machine') return share(value);
  if (name.endsWith('_ms')) return t('drills.ms', { n: rounded(value, 0) });
  return name.endsWith('_s') && !name.endsWith('per_s') ? t('drills.s', { n: rounded(value, 2) }) : rounded(value, 1);
}

function Verdict({ report }) {
  return html`<div class="outcome" data-tone=${report.held ? 'good' : 'warn'}><div>
    <p class="hint">${t(`drills.kind_${report.kind}`)} · ${moment(report.at)}</p>
    <p class="outcome-title">${t(report.held ? 'drills.held' : 'drills.broken')}</p>
    <p class="hint">${Object.entries(report.counts).map(([name, count]) => `${t(`drills.count_${name}`)} ${number(count)}`).join(' · ')}</p>
  </div></div>`;
}

function Charts({ report }) {
  const [broken, healed] = report.marks.map((one) => one.at_s);
  const lines = report.lines.filter((line) => line.points.some((one) => one.value !== null));
  return html`<section class="charts" aria-label=${t('drills.charts')}>
    ${lines.map((line) => {
      const seconds = number(Math.round(line.points.at(-1).at_s - line.points[0].at_s));
      const foot = (least) => (healed === undefined ? t('drills.foot', { least, seconds }) : t('drills.foot_marks', { least, seconds, broken: rounded(broken, 1), healed: rounded(healed, 1) }));
      return html`<${LineChart} key=${line.name} label=${t(`drills.line_${line.name}`)} say=${(value) => said(line.name, value)} points=${line.points.map((one) => ({ at: one.at_s * 1000, value: one.value }))} marks=${report.marks.map((one) => one.at_s * 1000)} foot=${foot} />`;
    })}
  </section>`;
}

/** @param {{ report: any }} props the document of GET /api/ops/drills/{id} */
export function DrillReport({ report }) {
  const rows = [
    ...report.said.map((one) => [`said_${one.name}`, one[language.value]]),
    ...report.figures.map((one) => [`figure_${one.name}`, said(one.name, one.value)]),
  ];
  return html`<${Verdict} report=${report} />
    ${report.violations.length > 0 && html`<section class="sheet"><h2>${t('drills.wrong')}</h2><ul class="troubles">${report.violations.map((one, at) => html`<li key=${at}><code>${one}</code></li>`)}</ul></section>`}
    <${Charts} report=${report} />
    <section class="sheet"><h2>${t('drills.figures')}</h2><dl class="pairs">${rows.map(([name, value]) => html`<div key=${name}><dt>${t(`drills.${name}`)}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}
