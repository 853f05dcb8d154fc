// One course: what it is, what it needs, and its sections of the term.
import { html, useState } from '../vendor/ui.js';
import { AsOf } from '../components/as-of.js';
import { useCounter } from '../components/counter.js';
import { Empty, Loaded } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { SectionCard } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { Term } from '../components/selection-head.js';
import { open } from '../lib/api.js';
import { session } from '../lib/auth.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { afterCache, useLoad, usePolling } from '../lib/poll.js';
import { useRound } from '../lib/round-events.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { stamped, useLiveSeats } from '../lib/selection.js';
import { useTitle } from '../lib/title.js';
import { loadPart } from '../lib/use-part.js';

async function readCourse(id, term) {
  const { data } = await open(withTerm(`/api/courses/${id}`, term));
  return { ...data, sections: stamped(data.sections) };
}

/** Details of a section that the list does not carry: they come when somebody asks for them. */
function Details({ section }) {
  const load = useLoad(async () => {
    const [part, { data }] = await Promise.all([loadPart('parts/section-details.js', 'booking'), open(`/api/sections/${section.id}`)]);
    return { part, data };
  }, [section.id]);
  if (!load.data) return html`<p class="hint">${t(load.stage === 'failed' ? 'error.other' : 'wait.loading')}</p>`;
  return html`<${load.data.part.SectionDetails} section=${load.data.data} />`;
}

function More({ section }) {
  const [shown, setShown] = useState(false);
  return html`<details class="section-more" onToggle=${(event) => setShown(event.target.open)}><summary>${t('section.more')}</summary>
    <dl class="pairs">
      <div><dt>${t('section.exam')}</dt><dd>${t(`section.${section.exam_type === 'exam' ? 'exam_exam' : 'assessment'}`)}${section.exam_at && html` · ${format(section.exam_at, 'date')} ${format(section.exam_at, 'time')}`}</dd></div>
      <div><dt>${t('seats.waitlist')}</dt><dd>${section.waitlist_capacity ? t('seats.waiting_of', { n: section.waiting, capacity: section.waitlist_capacity }) : t('seats.no_waitlist')}</dd></div>
      <div><dt>${t('section.language')}</dt><dd>${t(`section.language_${section.language}`)}</dd></div>
      <div><dt>${t('section.for_whom')}</dt><dd>${shown && html`<${Details} section=${section} />`}</dd></div>
    </dl></details>`;
}

function Head({ course }) {
  return html`<header class="page-head">
    <a class="back-link" href=${withTerm('/courses')}><${Icon} name="back" />${t('courses.title')}</a>
    <h1>${course.name}</h1>
    <p class="meta"><span>${course.code}</span><span>${t('course.credits', { n: course.credits })}</span><span>${course.category}</span>${course.general_type && html`<span>${course.general_type}</span>`}<span>${course.college}</span><span>${course.campus}</span></p>
    ${course.prerequisites.length > 0 && html`<p>${t('course.needs')} ${course.prerequisites.map((one, i) => html`${i > 0 && t('lecture.and')}<a key=${one.id} href=${withTerm(`/courses/${one.id}`)}>${one.name}</a>`)}</p>`}
  </header>`;
}

function Course({ load, round }) {
  const course = load.data;
  const ids = course.sections.map((section) => section.id);
  const live = useLiveSeats(ids);
  useTitle(course.name);
  const sections = course.sections.map(live);
  const desk = useCounter({ ids, round, reload: afterCache(load.again) });
  const newest = sections.map((section) => section.seats_as_of).sort().at(-1);
  return html`<${Head} course=${course} />
    ${desk.node}<${RoundBanner} round=${round} />
    ${session.value.state === 'anonymous' && html`<p class="actions"><a class="button primary" href=${`/login?next=${encodeURIComponent(withTerm(`/courses/${course.id}`))}`}>${t('enrol.sign_in')}</a></p>`}
    <section><div class="section-head"><h2>${t('course.sections', { n: sections.length })}</h2><${Term} /></div>
      ${sections.length === 0 ? html`<${Empty} text=${t('course.no_sections')}><a class="button" href=${withTerm('/courses')}>${t('courses.title')}</a><//>` : html`<ul class="sections framed">
        ${sections.map((section) => html`<${SectionCard} key=${section.id} section=${section}>${desk.of(section)}<${More} section=${section} /><//>`)}</ul>
        <${AsOf} when=${newest} />`}
    </section>`;
}

function View({ param }) {
  const term = chosenTerm();
  const load = useLoad(() => readCourse(param, term), [param, term]);
  const { round } = useRound(15000, term);
  usePolling(() => load.again(), () => 15000, [param, term]);
  if (load.error?.status === 404 && !load.data) {
    return html`<h1>${t('course.gone')}</h1><${Empty} text=${t('course.gone_text')}><a class="button primary" href="/courses">${t('courses.title')}</a><//>`;
  }
  return html`<${Loaded} load=${load} rows=${6}>${() => html`<${Course} load=${load} round=${round} />`}<//>`;
}

export const page = { view: View };
