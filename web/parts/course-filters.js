// The filters of the course list that a first load can do without.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Check } from '../components/field.js';
import { api, open, withQuery } from '../lib/api.js';
import { may } from '../lib/auth.js';
import { t } from '../lib/i18n.js';
import { readColleges } from '../lib/org.js';

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const PERIODS = Array.from({ length: 13 }, (_, i) => i + 1);
const LANGUAGES = ['zh', 'en', 'bilingual'];
const STATES = ['confirmed', 'waitlisted', 'pending'];

/** The ids of what is mine in a term, for "no clash with mine". @param {string} term */
export async function readMine(term) {
  const { data } = await api(withQuery('/api/me/enrolments', { term_id: term }));
  const mine = data.items.filter((item) => STATES.includes(item.state)).map((item) => item.section.id);
  return mine.slice(0, 30).join();
}

async function readChoices() {
  const [colleges, { data }] = await Promise.all([readColleges(), open('/api/courses/facets')]);
  return { colleges: colleges.map((one) => [one.id, one.name]), categories: data.categories.map((one) => [one, one]), types: data.general_types.map((one) => [one, one]) };
}

function Select({ name, options, filters, change }) {
  const label = t(`filter.by_${name}`);
  const known = options.some(([value]) => String(value) === filters[name]);
  return html`<select aria-label=${label} value=${filters[name]} onChange=${(event) => change({ [name]: event.target.value })}>
    <option value="">${label}</option>
    ${filters[name] && !known && html`<option value=${filters[name]}>${filters[name]}</option>`}
    ${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
  </select>`;
}

/** @param {{ filters: Record<string, string>, change: (next: Record<string, string>) => void }} props */
export function CourseFilters({ filters, change }) {
  const [choices, setChoices] = useState({ colleges: [], categories: [], types: [] });
  const [teacher, setTeacher] = useState(filters.teacher);
  const timer = useRef(0);
  useEffect(() => {
    readChoices().then(setChoices).catch(() => {});
  }, []);
  const type = (event) => {
    setTeacher(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ teacher: event.target.value.trim() }), 300);
  };
  const some = { filters, change };
  return html`<div class="filter-grid">
    <${Select} name="college_id" options=${choices.colleges} ...${some} />
    <${Select} name="category" options=${choices.categories} ...${some} />
    <${Select} name="general_type" options=${choices.types} ...${some} />
    <${Select} name="language" options=${LANGUAGES.map((one) => [one, t(`section.language_${one}`)])} ...${some} />
    <${Select} name="weekday" options=${DAYS.map((day) => [day, t(`weeks.day_${day}`)])} ...${some} />
    <${Select} name="period" options=${PERIODS.map((n) => [n, t('weeks.period', { n })])} ...${some} />
    <input type="search" aria-label=${t('filter.by_teacher')} placeholder=${t('filter.by_teacher')} value=${teacher} onInput=${type} />
    <${Check} label=${t('filter.free')} checked=${filters.free === 'true'} onValue=${(on) => change({ free: on ? 'true' : '' })} />
    ${may('claims:own') && html`<${Check} label=${t('filter.apart')} checked=${filters.apart === 'mine'} onValue=${(on) => change({ apart: on ? 'mine' : '' })} />`}
    <p class="actions"><button type="button" class="quiet" onClick=${() => change(Object.fromEntries(Object.keys(filters).map((name) => [name, ''])))}>${t('filter.clear')}</button></p>
  </div>`;
}
