// The timetable: a grid of periods and weekdays, a list of days on a phone, one sheet on paper.
import { html, useState } from '../vendor/ui.js';
import { Credits } from '../components/credits.js';
import { Empty, Loaded } from '../components/feedback.js';
import { Check } from '../components/field.js';
import { Icon } from '../components/icons.js';
import { LectureList } from '../components/lecture-list.js';
import { SelectionHead } from '../components/selection-head.js';
import { WeekGrid } from '../components/week-grid.js';
import { api, withQuery } from '../lib/api.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { readPlan } from '../lib/plan.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { query, setQuery } from '../lib/router.js';
import { useClaimEvents } from '../lib/claim-events.js';
import { loadPart } from '../lib/use-part.js';

const TONES = { confirmed: 'held', waitlisted: 'line', pending: 'line' };

/** What one has in this term, by default in the one that is taught. */
const mine = (what, asked) => api(withQuery(`/api/me/${what}`, asked ? { term_id: asked } : { term: 'current' }));

const readAll = async (asked) => (await mine('enrolments', asked)).data;
const readLectures = async (asked) => (await mine('lectures', asked)).data.items.map(({ lecture, state }) => ({ lecture, tone: TONES[state] }));

/** The meetings of what is held, waited for and, when wanted, planned. */
function entriesOf(items, planned) {
  const held = items.filter((item) => TONES[item.state]).map(({ section, state }) => ({ section, tone: TONES[state] }));
  const known = new Set(held.map(({ section }) => section.id));
  return [...held, ...planned.filter((section) => !known.has(section.id)).map((section) => ({ section, tone: 'plan' }))];
}

function Weeks({ term, week, choose }) {
  const step = (by, name, icon) => html`<button type="button" aria-label=${t(name)} aria-disabled=${week + by < 1 || week + by > term.weeks ? 'true' : undefined} onClick=${() => week + by >= 1 && week + by <= term.weeks && choose(week + by)}><${Icon} name=${icon} /></button>`;
  return html`<div class="week-choice no-print">
    ${step(-1, 'timetable.week_before', 'back')}
    <select aria-label=${t('timetable.week')} value=${String(week)} onChange=${(event) => choose(Number(event.target.value))}>
      <option value="0">${t('timetable.all_weeks')}</option>
      ${Array.from({ length: term.weeks }, (_, i) => html`<option key=${i} value=${String(i + 1)}>${t('timetable.week_n', { n: i + 1 })}${i + 1 === term.week ? ` · ${t('timetable.this_week')}` : ''}</option>`)}
    </select>
    ${step(1, 'timetable.week_after', 'next')}
    ${term.week && week !== term.week && html`<button type="button" class="quiet" onClick=${() => choose(term.week)}>${t('timetable.this_week')}</button>`}
    <button type="button" onClick=${() => print()}><${Icon} name="print" />${t('timetable.print')}</button>
  </div>`;
}

function Exams({ entries }) {
  const exams = entries.filter(({ section, tone }) => section.exam_at && tone === 'held').sort((a, b) => (a.section.exam_at < b.section.exam_at ? -1 : 1));
  if (!exams.length) return null;
  return html`<section><h2>${t('timetable.exams')}</h2><ul class="plain-list">${exams.map(({ section }) => html`<li key=${section.id}><span>${section.course_name}</span><span class="num">${format(section.exam_at, 'date')} ${format(section.exam_at, 'time')}</span></li>`)}</ul></section>`;
}

/** The private calendar address, fetched when it is opened. */
function Feed() {
  const [shown, setShown] = useState(false);
  const load = useLoad(async () => (shown ? loadPart('parts/calendar-feed.js', 'late') : null), [shown]);
  return html`<details class="sheet no-print" onToggle=${(event) => setShown(event.target.open)}><summary>${t('timetable.feed')}</summary>${load.data && html`<${load.data.CalendarFeed} />`}</details>`;
}

function Timetable({ data, lectures }) {
  const { term } = data;
  const asked = query.value.get('week');
  const week = asked === null ? (term.week ?? 0) : Math.min(Math.max(0, Number(asked) || 0), term.weeks);
  const withPlan = query.value.get('plan') === '1';
  const plan = useLoad(async () => (withPlan ? (await readPlan(term.id)).items.map((item) => item.section) : []), [withPlan, term.id]);
  const change = (next) => setQuery({ term_id: chosenTerm(), week: asked ?? '', plan: withPlan ? '1' : '', ...next });
  const entries = entriesOf(data.items, withPlan ? (plan.data ?? []) : []);
  const given = { data, entries, week, lectures: lectures.data ?? [] };
  const nothing = entries.length === 0 && lectures.data?.length === 0;
  return html`<p class="print-only">${term.name} · ${week ? t('timetable.week_n', { n: week }) : t('timetable.all_weeks')}</p>
    <div class="timetable-tools no-print"><${Weeks} term=${term} week=${week} choose=${(n) => change({ week: String(n) })} />
      <${Check} label=${t('timetable.with_plan')} checked=${withPlan} onValue=${(on) => change({ plan: on ? '1' : '' })} /></div>
    ${lectures.stage === 'failed' && html`<p class="stale" role="status">${t('timetable.no_lectures')}</p>`}
    ${nothing ? html`<${Empty} title=${t('mine.none')} text=${t('mine.none_text')}><a class="button primary" href=${withTerm('/courses', term.selecting ? '' : term.id)}>${t('courses.title')}</a><//>` : html`<${WeekGrid} ...${given} />`}
    ${!week && html`<${LectureList} ...${given} />`}
    <${Exams} entries=${entries} />
    <section class="sheet no-print"><${Credits} credits=${data.credits} /></section>
    <${Feed} />`;
}

function View() {
  const term = chosenTerm();
  const load = useLoad(() => readAll(term), [term]);
  // Not waited for: the classes are shown without them.
  const lectures = useLoad(() => readLectures(term), [term]);
  usePolling(() => Promise.all([load.again(), lectures.again()]), () => 60000, [term]);
  useClaimEvents('section', () => load.again().catch(() => {}));
  useClaimEvents('lecture', () => lectures.again().catch(() => {}));
  return html`<${SelectionHead} title=${t('timetable.title')} lead=${load.data?.term?.name} term=${{ shown: load.data?.term?.id, usual: 'current' }} />
    <${Loaded} load=${load} rows=${6}>${(data) => (data.term ? html`<${Timetable} data=${data} lectures=${lectures} />` : html`<${Empty} text=${t('timetable.no_term')} />`)}<//>`;
}

export const page = { view: View, needs: 'claims:own' };
