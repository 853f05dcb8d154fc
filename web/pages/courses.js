// All sections of the term, by course: filters in the address, what stands against each one said before it is pressed.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { useCounter } from '../components/counter.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { Counted } from '../components/seats.js';
import { SectionCard } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { SelectionHead } from '../components/selection-head.js';
import { open, withQuery } from '../lib/api.js';
import { may, session } from '../lib/auth.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { afterCache, useLoad } from '../lib/poll.js';
import { query, setQuery } from '../lib/router.js';
import { useRound } from '../lib/round-events.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { stamped, useLiveSeats } from '../lib/selection.js';
import { loadPart } from '../lib/use-part.js';

const LIMIT = 30;
const NAMES = ['q', 'college_id', 'category', 'general_type', 'weekday', 'period', 'language', 'teacher', 'free', 'apart'];

async function readSections(address) {
  const { data } = await open(address);
  return { data: { ...data, items: stamped(data.items) } };
}

/** Sections that follow each other and belong to one course. */
function byCourse(sections) {
  const groups = [];
  for (const section of sections) {
    if (groups.at(-1)?.id === section.course_id) groups.at(-1).sections.push(section);
    else groups.push({ id: section.course_id, first: section, sections: [section] });
  }
  return groups;
}

function Search({ filters, change }) {
  const [text, setText] = useState(filters.q);
  const timer = useRef(0);
  const type = (event) => {
    setText(event.target.value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ q: event.target.value.trim() }), 300);
  };
  return html`<div class="search-box"><${Icon} name="search" />
    <input type="search" aria-label=${t('courses.search')} placeholder=${t('courses.search')} value=${text} onInput=${type} /></div>`;
}

/** The other filters are fetched when they are wanted, or when the address has some. */
function Filters({ filters, change }) {
  const chosen = NAMES.slice(1).filter((name) => filters[name]).length;
  const [shown, setShown] = useState(chosen > 0);
  const load = useLoad(async () => (shown ? loadPart('parts/course-filters.js', 'late') : null), [shown]);
  return html`<form class="course-filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <${Search} filters=${filters} change=${change} />
    <button type="button" aria-expanded=${shown ? 'true' : 'false'} onClick=${() => setShown(!shown)}><${Icon} name="filter" />${chosen ? t('courses.filters_n', { n: chosen }) : t('courses.filters')}</button>
    ${shown && load.data && html`<${load.data.CourseFilters} filters=${filters} change=${change} />`}
  </form>`;
}

function Course({ group, desk }) {
  const { first } = group;
  return html`<li class="course">
    <header class="course-head"><h2><a href=${withTerm(`/courses/${group.id}`)}>${first.course_name}</a></h2>
      <p class="meta"><span>${first.course_code}</span><span>${t('course.credits', { n: first.credits })}</span><span>${first.category}</span>${first.general_type && html`<span>${first.general_type}</span>`}</p></header>
    <ul class="sections">${group.sections.map((section) => html`<${SectionCard} key=${section.id} section=${section}>${desk.of(section)}<//>`)}</ul>
  </li>`;
}

function List({ load, round }) {
  const ids = load.data.items.map((section) => section.id);
  const live = useLiveSeats(ids);
  const sections = load.data.items.map(live);
  const desk = useCounter({ ids, round, reload: afterCache(load.again) });
  return html`${desk.node}<ul class="courses">${byCourse(sections).map((group) => html`<${Course} key=${group.sections[0].id} group=${group} desk=${desk} />`)}</ul>
    <${Counted} offerings=${sections} />
    <${More} more=${load.more} />`;
}

function None({ filtered }) {
  return html`<${Empty} title=${t(filtered ? 'courses.none_found' : 'courses.none')} text=${t(filtered ? 'courses.none_found_text' : 'courses.none_text')}>
    ${filtered && html`<button type="button" onClick=${() => setQuery({ term_id: chosenTerm() })}>${t('filter.clear')}</button>`}<//>`;
}

/** The list's address; "no clash with mine" needs to know what is mine. */
function useAddress(filters, term) {
  const [mine, setMine] = useState('');
  const wanted = Boolean(filters.apart && session.value.user && may('claims:own'));
  useEffect(() => {
    if (wanted) loadPart('parts/course-filters.js', 'late').then((part) => part.readMine(term)).then(setMine).catch(() => {});
  }, [wanted, term]);
  const { apart, ...rest } = filters;
  return withQuery('/api/sections', { ...rest, term_id: term, apart_from: wanted ? mine : '', limit: LIMIT });
}

function View() {
  const filters = Object.fromEntries(NAMES.map((name) => [name, query.value.get(name) ?? '']));
  const filtered = Object.values(filters).some(Boolean);
  const term = chosenTerm();
  const load = usePaged(readSections, useAddress(filters, term), { id: 'id', limit: LIMIT, every: () => 20000 });
  const { round, known } = useRound(30000, term);
  const change = (next) => setQuery({ term_id: term, ...filters, ...next });
  return html`<${SelectionHead} title=${t('courses.title')} lead=${t('courses.lead')} />
    ${known && html`<${RoundBanner} round=${round} />`}
    ${session.value.state === 'anonymous' && html`<p class="actions"><a class="button primary" href=${`/login?next=${encodeURIComponent(withTerm('/courses'))}`}>${t('enrol.sign_in')}</a></p>`}
    <${Filters} key=${filtered ? 'some' : 'none'} filters=${filters} change=${change} />
    <${Loaded} load=${load} rows=${6}>
      ${(data) => (data.items.length === 0 ? html`<${None} filtered=${filtered} />` : html`<${List} load=${load} round=${round} />`)}
    <//>`;
}

export const page = { view: View };
