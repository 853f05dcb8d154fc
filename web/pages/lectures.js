// All lectures, with filters that live in the address.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { LectureRow } from '../components/lecture.js';
import { Counted } from '../components/seats.js';
import { open, withQuery } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { readColleges } from '../lib/org.js';
import { usePaged } from '../lib/paged.js';
import { query, setQuery } from '../lib/router.js';

const PHASES = ['', 'open', 'upcoming', 'closed', 'past'];
const LIMIT = 20;

function Filters({ filters, change }) {
  const [colleges, setColleges] = useState(null);
  const [text, setText] = useState(filters.q);
  const timer = useRef(0);
  const asked = useRef(false);
  const fetchColleges = () => {
    if (asked.current) return;
    asked.current = true;
    readColleges().then(setColleges).catch(() => (asked.current = false));
  };
  useEffect(() => {
    if (filters.college_id) fetchColleges();
  }, []);
  const type = (event) => {
    setText(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ q: event.target.value.trim() }), 300);
  };
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <div class="search-box">
      <${Icon} name="search" />
      <input type="search" aria-label=${t('filter.search')} placeholder=${t('filter.search')} value=${text} onInput=${type} />
    </div>
    <select aria-label=${t('filter.college')} value=${filters.college_id} onFocus=${fetchColleges} onPointerDown=${fetchColleges}
      onChange=${(event) => change({ college_id: event.target.value })}>
      <option value="">${t('filter.all_colleges')}</option>
      ${filters.college_id && !colleges && html`<option value=${filters.college_id}>…</option>`}
      ${colleges?.map((college) => html`<option key=${college.id} value=${college.id}>${college.name}</option>`)}
    </select>
    <fieldset class="segments">
      <legend class="visually-hidden">${t('filter.phase')}</legend>
      ${PHASES.map(
        (phase) => html`<label key=${phase}><input type="radio" name="phase" value=${phase} checked=${filters.phase === phase} onChange=${() => change({ phase })} /><span>${t(phase ? `phase.${phase}` : 'filter.all')}</span></label>`,
      )}
    </fieldset>
  </form>`;
}

function View() {
  const filters = Object.fromEntries(['q', 'phase', 'college_id'].map((name) => [name, query.value.get(name) ?? '']));
  const address = withQuery('/api/lectures', { ...filters, limit: LIMIT });
  const load = usePaged(open, address, { id: 'id', limit: LIMIT, every: () => 20000 });
  const change = (next) => setQuery({ ...filters, ...next });
  const clear = () => setQuery({});
  const filtered = filters.q || filters.phase || filters.college_id;
  return html`<header class="page-head"><h1>${t('lectures.title')}</h1><p class="lead">${t('lectures.lead')}</p></header>
    <${Filters} key=${filtered ? 'some' : 'none'} filters=${filters} change=${change} />
    <${Loaded} load=${load} rows=${5}>
      ${(data) =>
        data.items.length === 0
          ? html`<${Empty} title=${t(filtered ? 'lectures.none_found' : 'lectures.none')} text=${t(filtered ? 'lectures.none_found_text' : 'lectures.none_text')}>
              ${filtered && html`<button type="button" onClick=${clear}>${t('filter.clear')}</button>`}
            <//>`
          : html`<ul class="rows">${data.items.map((lecture) => html`<${LectureRow} key=${lecture.id} lecture=${lecture} level=${2} />`)}</ul>
              <${Counted} offerings=${data.items} />
              <${More} more=${load.more} />`}
    <//>`;
}

export const page = { view: View };
