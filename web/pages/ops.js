// Operations at one glance: what flows, what waits and for how long, which parts stand. Asked again every two seconds.
import { html, useEffect, useState } from '../vendor/ui.js';
import { Desk } from '../components/desk.js';
import { Skeleton, Trouble } from '../components/feedback.js';
import { LineChart } from '../components/line-chart.js';
import { tick } from '../lib/clock.js';
import { format, number } from '../lib/format.js';
import { has, t } from '../lib/i18n.js';
import { EVERY, STALE_AFTER, hasAddress, history, look, recall, seen, troubles } from '../lib/ops-status.js';
import { usePolling } from '../lib/poll.js';
import { needs } from '../lib/staff-places.js';
import { usePart } from '../lib/use-part.js';

const TONES = { up: 'good', slow: 'warn', silent: 'warn', down: 'bad' };
const named = (kind, name) => (has(`ops.${kind}_${name}`) ? t(`ops.${kind}_${name}`) : name);
const orUnknown = (value, say = number) => (value === null || value === undefined ? t('ops.unknown') : say(value));
const seconds = (value) => t('ops.s', { n: number(Math.round(value * 10) / 10) });
const ms = (value) => t('ops.ms', { n: number(Math.round(value)) });
const perSecond = (value) => t('ops.per_s', { n: number(value) });

const CHARTS = [
  ['pending', number],
  ['oldest', seconds],
  ['queued', number],
  ['accepted', perSecond],
  ['decided', perSecond],
  ['p95', ms],
];

function State({ state }) {
  return html`<span class="badge" data-tone=${TONES[state]}>${t(`ops.state_${state}`)}</span>`;
}

/** One sentence on everything, and what is wrong by name. */
function Verdict({ state }) {
  const found = troubles(state);
  return html`<div class="outcome" data-tone=${found.length ? 'warn' : 'good'}><div>
    <p class="hint">${t('ops.as_of', { time: format(state.at, 'clock') })}</p>
    <p class="outcome-title">${found.length ? t('ops.troubles', { n: found.length }) : t('ops.all_well')}</p>
    ${found.length > 0 && html`<ul class="troubles">${found.map(([kind, name, how, host]) => html`<li key=${kind + name + host}>${host && `${host} · `}${t(`ops.trouble_${kind}`, { name: named(kind, name) })}${how !== 'waits' && ` · ${t(`ops.state_${how}`)}`}</li>`)}</ul>`}
  </div></div>`;
}

function Charts() {
  const points = history.value;
  return html`<section class="charts" aria-label=${t('ops.charts')}>
    ${CHARTS.map(([name, say]) => html`<${LineChart} key=${name} label=${t(`ops.${name}`)} say=${say} points=${points.map((one) => ({ at: one.at, value: one[name] }))} />`)}
  </section>`;
}

function Table({ label, heads, rows }) {
  return html`<div class="table-scroll"><table class="grid"><caption class="visually-hidden">${label}</caption>
    <thead><tr>${heads.map((head) => html`<th scope="col" key=${head}>${head}</th>`)}</tr></thead>
    <tbody>${rows.map(([key, first, ...cells]) => html`<tr key=${key}><th scope="row">${first}</th>${cells.map((cell, at) => html`<td key=${at} data-label=${heads[at + 1]}>${cell}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

const openBreakers = (worker) => Object.entries(worker.breakers).filter(([, state]) => state !== 'closed').map(([name]) => name);

function Breakers({ worker }) {
  const open = openBreakers(worker);
  return open.length ? html`<span class="badge" data-tone="bad">${t('ops.open', { names: open.join(' ') })}</span>` : t('ops.closed');
}

/** What is not done yet there, in the server's own unit; and how long a replica has heard nothing. */
function lag(one) {
  const said = [one.behind === null ? '' : t(one.name === 'redis' ? 'ops.behind_bytes' : 'ops.behind_sets', { n: number(one.behind) }), one.lag_ms === null ? '' : ms(one.lag_ms)];
  return said.filter(Boolean).join(' · ') || '—';
}

function role(one) {
  return [one.role && named('role', one.role), one.note].filter(Boolean).join(' · ') || '—';
}

function HostName({ host }) {
  return html`<h2>${t('ops.host', { name: host.name })}${host.holds_vip && html` <span class="badge" data-tone="good">${t('ops.holds_vip')}</span>`}${host.state !== 'up' && html` <${State} state=${host.state} />`}</h2>`;
}

/** One that may be lost for good. */
function Gone({ host }) {
  const { module } = usePart('parts/write-off.js', true, 'repairs');
  return module && html`<${module.WriteOff} host=${host} />`;
}

/** One host: its servers, and its programs worker by worker. Of one that tells nothing, that. */
function Host({ host }) {
  if (host.state !== 'up') return html`<section><${HostName} host=${host} /><p class="stale">${t(host.state === 'silent' ? 'ops.host_silent' : 'ops.host_unheard')}</p>${host.state !== 'silent' && html`<${Gone} host=${host} />`}</section>`;
  const workers = host.programs.flatMap((program) => (program.workers.length ? program.workers.map((worker) => [program, worker]) : [[program, null]]));
  return html`<section><${HostName} host=${host} />
    <${Table} label=${t('ops.servers')} heads=${['server', 'state', 'role', 'lag'].map((key) => t(`ops.${key}`))}
      rows=${host.servers.map((one) => [one.name, named('server', one.name), html`<${State} state=${one.state} />`, role(one), lag(one)])} />
    <${Table} label=${t('ops.programs')} heads=${['program', 'state', 'pid', 'breakers', 'epoch', 'accepted', 'decided', 'p95'].map((key) => t(`ops.${key}`))}
      rows=${workers.map(([program, one]) =>
        one
          ? [`${program.name} ${one.pid}`, named('program', program.name), html`<${State} state=${one.state} />`, String(one.pid), html`<${Breakers} worker=${one} />`, String(one.epoch), number(one.accepted_per_s), number(one.decided_per_s), one.p95_ms === null ? '—' : ms(one.p95_ms)]
          : [program.name, named('program', program.name), html`<${State} state="down" />`, '—', '—', '—', '—', '—', '—'],
      )} />
    <p class="hint">${t('ops.spool', { bytes: orUnknown(host.spool?.bytes), segments: orUnknown(host.spool?.segments) })}</p>
  </section>`;
}

function Queues({ queues }) {
  if (!queues) return html`<p class="stale">${t('ops.queues_unknown')}</p>`;
  return html`<${Table} label=${t('ops.queues')} heads=${['queue', 'depth', 'consumers'].map((key) => t(`ops.${key}`))} rows=${queues.map((one) => [one.name, html`<code>${one.name}</code>`, number(one.depth), number(one.consumers)])} />`;
}

/** Who has the virtual address: one, nobody, or (for as long as they do not hear each other) several. */
function holder(state) {
  const names = state.hosts.filter((host) => host.holds_vip).map((host) => host.name);
  return names.length ? names.join(' ') : t(hasAddress(state) ? 'ops.vip_nobody' : 'ops.no_vip');
}

function Numbers({ state }) {
  const { admission, epoch, reconciliation } = state;
  const rows = [
    ['admission', admission ? t('ops.bucket', { rate: number(admission.rate), burst: number(admission.burst) }) : t('ops.unknown'), '/ops/admission'],
    ['letters', orUnknown(state.dead_letters), '/ops/dead-letters'],
    ['reconciled', reconciliation ? t(reconciliation.compared ? 'ops.compared' : 'ops.in_flight', { time: format(reconciliation.at, 'clock'), n: number(reconciliation.differing) }) : t('ops.unknown'), '/ops/reconciliation'],
    ['epochs', t('ops.epoch_of', { mariadb: orUnknown(epoch.mariadb, String), redis: orUnknown(epoch.redis, String) })],
    ['outbox', orUnknown(state.outbox_open)],
    ['marks', orUnknown(state.marks)],
    ['refused', perSecond(state.flow.refused_per_s)],
    ['failed', perSecond(state.flow.failed_per_s)],
    ['vip', holder(state)],
  ];
  return html`<dl class="pairs sheet">${rows.map(([name, value, href]) => html`<div key=${name}><dt>${t(`ops.${name}`)}</dt><dd>${href ? html`<a href=${href}>${value}</a>` : value}</dd></div>`)}</dl>`;
}

/** Whether what is shown is still now; the clock goes on when nothing is heard. */
function Freshness({ state, failed }) {
  const old = tick.value && Date.now() - state.heard > STALE_AFTER;
  return html`<div role="status">${failed || old ? html`<p class="stale">${t('ops.stale', { time: format(state.at, 'clock') })}</p>` : ''}</div>`;
}

function View() {
  const [error, setError] = useState(null);
  const ask = () => look().then(() => setError(null), (failed) => (setError(failed), Promise.reject(failed)));
  useEffect(() => {
    ask().catch(() => {});
    recall().catch(() => {}); // without it the charts begin now
  }, []);
  usePolling(ask, () => EVERY, []);
  const state = seen.value;
  return html`<${Desk} title=${t('staff.ops')} lead=${t('ops.lead')}>
    ${!state && (error ? html`<${Trouble} error=${error} retry=${ask} />` : html`<${Skeleton} rows=${4} />`)}
    ${state && html`<${Freshness} state=${state} failed=${error !== null} /><${Verdict} state=${state} /><${Charts} /><${Numbers} state=${state} />
      <section><h2>${t('ops.queues')}</h2><${Queues} queues=${state.queues} /></section>
      ${state.hosts.map((host) => html`<${Host} key=${host.name} host=${host} />`)}`}
  <//>`;
}

export const page = { view: View, needs: needs.ops };
