// Dead letters: each with its reason and whose claims it carries; one or all go through the queues again.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded } from '../components/feedback.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';
import { needs } from '../lib/staff-places.js';

const LIMIT = 50;

function Letter({ letter, onDrive }) {
  return html`<li class="letter">
    <p><strong>${letter.reason || t('letters.no_reason')}</strong></p>
    ${letter.claims.map((one) => html`<p class="hint" key=${one.claim_id}>${t('letters.claim', { action: one.action, kind: t(`ops.kind_${one.kind}`), offering: one.offering_id })} · <a href=${`/manage/logs?number=${one.claim_id}`}><code>${one.claim_id}</code></a></p>`)}
    ${letter.claims.length === 0 && html`<p class="hint">${t('letters.no_claim')}</p><pre tabindex="0" aria-label=${t('letters.text')}>${letter.text}</pre>`}
    ${letter.id && letter.claims.length > 0 && html`<p class="actions"><button type="button" class="small-button" aria-label=${t('letters.drive_this', { id: letter.claims[0].claim_id })} onClick=${() => onDrive(letter.id)}>${t('letters.drive')}</button></p>`}
  </li>`;
}

function View() {
  const load = useLoad(async () => (await api(`/api/ops/dead-letters?limit=${LIMIT}`)).data.items, []);
  // The letter that is asked about, '' for all; a new dialog for each press, which stays until the next: it gives the focus back.
  const [asking, setAsking] = useState({ open: false, id: '', press: 0 });
  const ask = (id) => setAsking((old) => ({ open: true, id, press: old.press + 1 }));
  const sending = useSending();
  usePolling(() => load.again(), () => (asking.open ? 0 : 10000), [asking.open]);
  const drive = (reason) => {
    const body = { reason, ...(asking.id && { id: asking.id }) };
    sending.send(async () => {
      const { data } = await api('/api/ops/dead-letters/redrive', { method: 'POST', body, timeout: 30000 });
      await load.again().catch(() => {});
      return data;
    });
  };
  const { driven, kept } = sending.done || {};
  return html`<${Desk} title=${t('staff.dead-letters')} lead=${t('about.dead-letters')}>
    <${Loaded} load=${load} rows=${3}>${(items) => html`
    ${items.length === 0
      ? html`<${Empty} title=${t('letters.none')} text=${t('letters.none_text')} />`
      : html`<p class="actions"><button type="button" class="primary" onClick=${() => ask('')}>${t('letters.drive_all')}</button><span class="hint">${items.length < LIMIT ? t('letters.count', { n: number(items.length) }) : t('letters.first', { n: number(LIMIT) })}</span></p>
          <ol class="letters">${items.map((letter, at) => html`<${Letter} key=${letter.id || at} letter=${letter} onDrive=${ask} />`)}</ol>`}`}<//>
    <${Answer} error=${sending.error} done=${sending.done && t('letters.done', { driven: number(driven), kept: number(kept) })} />
    <${ConfirmWhy} key=${asking.press} open=${asking.open} title=${t(asking.id ? 'letters.one_title' : 'letters.all_title')} text=${t('letters.drive_text')} confirm=${t('letters.drive')} most=${255} onConfirm=${(reason) => void drive(reason)} onClose=${() => setAsking((old) => ({ ...old, open: false }))} />
  <//>`;
}

export const page = { view: View, needs: needs['dead-letters'] };
