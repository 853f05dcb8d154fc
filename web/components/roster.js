// Who has a seat, who waits: the list of a lecture or a section, kept current, and as a file.
import { html, useEffect, useState } from '../vendor/ui.js';
import { api, withQuery } from '../lib/api.js';
import { explain } from '../lib/errors.js';
import { format, moment } from '../lib/format.js';
import { has, t } from '../lib/i18n.js';
import { tone } from '../lib/claims.js';
import { now } from '../lib/clock.js';
import { usePaged } from '../lib/paged.js';
import { save } from '../lib/saving.js';
import { ClaimBadge } from './badge.js';
import { Empty, Loaded, More } from './feedback.js';
import { Icon } from './icons.js';

const LIMIT = 100;

/** A section is chosen and dropped, where a lecture is booked and cancelled. */
const ownWord = (kind, state) => kind === 'section' && has(`roster.${state}`) && t(`roster.${state}`);

function State({ kind, row }) {
  const word = ownWord(kind, row.state);
  return word ? html`<span class="badge" data-tone=${tone(row.state)}>${word}</span>` : html`<${ClaimBadge} claim=${{ action: 'book', ...row }} />`;
}

/** One booking. What was cancelled is of no use at the door: the printed list leaves it out. */
function Row({ kind, row }) {
  return html`<tr data-state=${row.state}>
    <th scope="row">${row.display_name ?? row.username}<span class="muted small num">${row.student_no ?? row.username}</span></th>
    <td data-label=${t('roster.class')}>${row.class_name ?? '—'}</td>
    <td data-label=${t('manage.state')}><${State} kind=${kind} row=${row} /></td>
    <td data-label=${t('roster.decided')}>${format(row.decided_at, 'date')} ${format(row.decided_at, 'clock')}</td>
    ${kind === 'lecture' && html`<td data-label=${t('roster.arrived')}>${row.checked_in_at ? format(row.checked_in_at, 'time') : '—'}</td>`}
    <td class="print-only"></td>
  </tr>`;
}

const STATES = ['', 'confirmed', 'waitlisted', 'cancelled'];

function States({ kind, chosen, onChosen }) {
  return html`<fieldset class="segments no-print"><legend class="visually-hidden">${t('manage.state')}</legend>
    ${STATES.map((state) => html`<label key=${state}><input type="radio" name="roster-state" checked=${chosen === state} onChange=${() => onChosen(state)} /><span>${ownWord(kind, state) || t(state ? `claim.${state}` : 'filter.all')}</span></label>`)}
  </fieldset>`;
}

const COLUMNS = ['roster.student', 'roster.class', 'manage.state', 'roster.decided'];

function Table({ kind, items }) {
  const columns = kind === 'lecture' ? [...COLUMNS, 'roster.arrived'] : COLUMNS;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('roster.title')}><table class="grid">
    <thead><tr>${columns.map((key) => html`<th scope="col" key=${key}>${t(key)}</th>`)}<th scope="col" class="print-only">${t('roster.signature')}</th></tr></thead>
    <tbody>${items.map((row) => html`<${Row} key=${row.claim_id} kind=${kind} row=${row} />`)}</tbody>
  </table></div>`;
}

/** @param {{ path: string, file: string, kind?: 'lecture' | 'section' }} props path: of the list, whose file is the same with .csv; file: what that is called */
export function Roster({ path, file, kind = 'lecture' }) {
  const [error, setError] = useState(null);
  const [printing, setPrinting] = useState(false);
  const [state, setState] = useState('');
  const address = withQuery(path, { limit: LIMIT, state });
  const load = usePaged(api, address, { id: 'claim_id', limit: LIMIT, every: () => 6000 });
  useEffect(() => {
    if (!printing) return;
    print();
    setPrinting(false);
  }, [printing]);
  const attempt = (run) => async () => {
    setError(null);
    await run().catch(setError);
  };
  // Paper cannot be scrolled: everybody is read first.
  const printAll = async () => {
    await load.more.all();
    setPrinting(true);
  };
  const some = load.data?.items.length > 0;
  return html`<section class="roster" data-state=${state}>
    <div class="section-head"><h2>${t('roster.title')}</h2><div class="actions no-print">
      ${some && html`<button type="button" onClick=${attempt(printAll)}><${Icon} name="print" />${t('roster.print')}</button>`}
      <button type="button" onClick=${attempt(() => save(`${path}.csv`, `${file}.csv`))}><${Icon} name="download" />${t('roster.csv')}</button></div></div>
    <${States} kind=${kind} chosen=${state} onChosen=${setState} />
    <p class="print-only">${t('roster.printed', { when: moment(now()) })}</p>
    <div role="status">${error && html`<p class="field-error">${explain(error)}</p>`}</div>
    <${Loaded} load=${load} rows=${4}>
      ${(data) => (data.items.length === 0 ? html`<${Empty} text=${t(`roster.none${state && '_found'}${kind === 'section' ? '_section' : ''}`)} />` : html`<${Table} kind=${kind} items=${data.items} /><${More} more=${load.more} />`)}
    <//>
  </section>`;
}
