// Redis against MariaDB: what the maintenance program found last, a comparison of everything now, and building Redis anew.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Loaded } from '../components/feedback.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { format, moment, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { EVERY, look } from '../lib/ops-status.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';
import { needs } from '../lib/staff-places.js';

const COLUMNS = ['redis_left', 'mariadb_left', 'redis_waiting', 'mariadb_waiting'];

function Last({ outcome }) {
  if (!outcome) return html`<p class="stale">${t('recon.unknown')}</p>`;
  const rows = [
    ['at', format(outcome.at, 'clock')],
    ['result', t(!outcome.compared ? 'recon.in_flight' : outcome.differing ? 'recon.differ' : 'recon.same', { n: number(outcome.differing) })],
    ['offerings', number(outcome.offerings)],
    ['mended', outcome.mended ? t('recon.mended_at', { n: number(outcome.mended), when: moment(outcome.mended_at) }) : t('recon.mended_none')],
  ];
  return html`<dl class="pairs">${rows.map(([name, value]) => html`<div key=${name}><dt>${t(`recon.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>
    ${outcome.examples.length > 0 && html`<p class="hint">${t('recon.examples')} ${outcome.examples.map((one) => html`<code key=${one}>${one}</code> `)}</p>`}`;
}

function Found({ found }) {
  if (!found.compared) return html`<p class="stale">${t('recon.in_flight')}</p>`;
  if (!found.differing) return html`<div class="outcome" data-tone="good"><p class="outcome-title">${t('recon.all_same', { n: number(found.offerings) })}</p></div>`;
  return html`<p class="stale">${t('recon.differ', { n: number(found.differing) })} ${t('recon.will_mend')}</p>
    <div class="table-scroll"><table class="grid"><caption class="visually-hidden">${t('recon.examples')}</caption>
      <thead><tr><th scope="col">${t('recon.pool')}</th>${COLUMNS.map((name) => html`<th scope="col" key=${name}>${t(`recon.${name}`)}</th>`)}</tr></thead>
      <tbody>${found.differences.map((one) => html`<tr key=${one.kind + one.offering_id + one.pool}><th scope="row">${t(`ops.kind_${one.kind}`)} <code>${one.offering_id}</code> · ${one.pool}</th>${COLUMNS.map((name) => html`<td key=${name} data-label=${t(`recon.${name}`)}>${number(one[name])}</td>`)}</tr>`)}</tbody>
    </table></div>`;
}

function Compare() {
  const sending = useSending();
  const run = () => sending.send(async () => (await api('/api/ops/reconciliation', { method: 'POST', timeout: 30000 })).data);
  return html`<p class="actions"><button type="button" class="primary" aria-disabled=${sending.busy ? 'true' : undefined} onClick=${run}>${t(sending.busy ? 'recon.running' : 'recon.run')}</button></p>
    <${Answer} error=${sending.error} />
    <div role="status">${sending.done && html`<${Found} found=${sending.done} />`}</div>`;
}

/** Building anew ends one epoch and begins the next: done when the state says so. */
function Rebuild({ epoch }) {
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  const ask = (reason) => sending.send(async () => (await api('/api/ops/rebuild', { method: 'POST', body: { reason } })).data);
  const ended = sending.done?.epoch;
  const built = ended !== undefined && epoch.redis !== null && epoch.redis > ended;
  return html`<section class="sheet"><h2>${t('rebuild.title')}</h2>
    <p>${t('rebuild.text')}</p>
    <dl class="pairs"><div><dt>${t('ops.epochs')}</dt><dd>${epoch.redis === null ? t('ops.unknown') : epoch.redis}</dd></div></dl>
    <p class="actions"><button type="button" class="danger-text" onClick=${() => setAsking(true)}>${t('rebuild.do')}</button></p>
    <${Answer} error=${sending.error} done=${ended !== undefined && t(built ? 'rebuild.done' : 'rebuild.asked', { epoch: built ? epoch.redis : ended })} />
    <${ConfirmWhy} open=${asking} danger title=${t('rebuild.sure')} text=${t('rebuild.sure_text')} confirm=${t('rebuild.do')} most=${255} onConfirm=${(reason) => void ask(reason)} onClose=${() => setAsking(false)} />
  </section>`;
}

function View() {
  const load = useLoad(look, []);
  usePolling(() => load.again(), () => EVERY, []);
  return html`<${Desk} title=${t('staff.reconciliation')} lead=${t('about.reconciliation')}>
    <section class="sheet"><h2>${t('recon.last')}</h2><${Loaded} load=${load} rows=${2}>${(state) => html`<${Last} outcome=${state.reconciliation} />`}<//><${Compare} /></section>
    ${load.data && html`<${Rebuild} epoch=${load.data.epoch} />`}
  <//>`;
}

export const page = { view: View, needs: needs.reconciliation };
