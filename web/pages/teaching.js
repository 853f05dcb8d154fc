// A teacher's sections of a term: when and where, how many have a seat, and the roster of each.
import { html, useState } from '../vendor/ui.js';
import { Empty, Loaded } from '../components/feedback.js';
import { api, withQuery } from '../lib/api.js';
import { useChoices } from '../lib/choices.js';
import { number } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';

function Section({ section }) {
  return html`<li class="row"><div class="row-main">
      <h2><a class="cover" href=${`/rosters/${section.id}`}>${section.course_name} · ${t('section.no', { n: section.section_no })}</a></h2>
      <p class="muted small">${section.course_code} · ${section.teacher_names}</p>
      ${section.meetings.map((one) => html`<p key=${one.text + one.weeks}>${one.text} ${one.weeks} ${one.place}</p>`)}
    </div>
    <div class="row-end"><span class="seats">${t('teaching.taken', { n: number(section.capacity - section.seats_left), capacity: number(section.capacity) })}</span>${section.waiting > 0 && html`<span class="muted">${t('teaching.waiting', { n: section.waiting })}</span>`}</div>
  </li>`;
}

function View() {
  const [term, setTerm] = useState('');
  const terms = useChoices('terms');
  const load = useLoad(async () => (await api(withQuery('/api/me/sections', { term_id: term }))).data, [term, language.value]);
  return html`<header class="page-head"><h1>${t('teaching.title')}</h1><p class="lead">${t('teaching.lead')}</p></header>
    <div class="record-filters"><select aria-label=${t('field.term_id')} onChange=${(event) => setTerm(event.target.value)}><option value="">${t('teaching.this_term')}</option>${(terms ?? []).map(([id, name]) => html`<option key=${id} value=${id}>${name}</option>`)}</select></div>
    <${Loaded} load=${load} rows=${3}>${(data) => (data.items.length ? html`<ul class="rows teaching">${data.items.map((one) => html`<${Section} key=${one.id} section=${one} />`)}</ul>` : html`<${Empty} text=${t('teaching.none')} />`)}<//>`;
}

export const page = { view: View, needs: 'teaching:read' };
