// What the page of a section has beyond its form: the counts, the roster, freezing and calling off.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

function Cancel({ record, send }) {
  const [asking, setAsking] = useState(false);
  return html`<button type="button" class="danger-text" onClick=${() => setAsking(true)}>${t('section.cancel')}</button>
    <${ConfirmWhy} open=${asking} danger title=${t('section.cancel_title')} text=${t('section.cancel_text')} confirm=${t('section.cancel')}
      onConfirm=${(reason) => send('cancel', { reason, version: record.version })} onClose=${() => setAsking(false)} />`;
}

export function Extra({ record, onRecord }) {
  const sending = useSending();
  const send = (name, body) => sending.send(async () => onRecord((await api(`/api/manage/sections/${record.id}/${name}`, { method: 'POST', body })).data));
  const cells = [['field.taken', record.capacity - record.seats_left], ['seats.left_short', record.seats_left], ['seats.capacity', record.capacity], ['field.waiting', record.waiting]];
  return html`<section class="counts"><dl>${cells.map(([key, value]) => html`<div key=${key}><dt>${t(key)}</dt><dd class="num">${number(value)}</dd></div>`)}</dl></section>
    ${record.state === 'cancelled' && html`<p class="stale">${t('error.section_cancelled')}</p>${record.meetings.map((one) => html`<p class="hint" key=${one.text + one.weeks}>${one.text} ${one.weeks} ${one.place}</p>`)}`}
    ${record.frozen && record.state === 'published' && html`<p class="stale">${t('section.frozen_text')}</p>`}
    <p class="actions no-print">
      <a class="button" href=${`/rosters/${record.id}`}>${t('section.roster')}</a>
      ${record.state === 'published' && html`<button type="button" onClick=${() => send(record.frozen ? 'resume' : 'freeze')}>${t(record.frozen ? 'section.resume' : 'section.freeze')}</button><${Cancel} record=${record} send=${send} />`}
    </p>
    <${Answer} error=${sending.error} />`;
}
