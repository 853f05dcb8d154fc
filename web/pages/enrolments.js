// My courses: what is held or waited for, dropping and swapping, and the log of every request.
import { html, useState } from '../vendor/ui.js';
import { Credits } from '../components/credits.js';
import { useCounter } from '../components/counter.js';
import { Empty, Loaded } from '../components/feedback.js';
import { SectionCard } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { SelectionHead } from '../components/selection-head.js';
import { api } from '../lib/api.js';
import { isSettled } from '../lib/claims.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useClaimEvents } from '../lib/claim-events.js';
import { useRound } from '../lib/round-events.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { stamped, useLiveSeats } from '../lib/selection.js';
import { loadPart } from '../lib/use-part.js';

async function readMine(term) {
  const { data } = await api(withTerm('/api/me/enrolments', term));
  const sections = stamped(data.items.map((item) => item.section));
  return { ...data, items: data.items.map((item, i) => ({ ...item, section: sections[i] })) };
}

function Held({ load, round }) {
  const { items } = load.data;
  const ids = items.map((item) => item.section.id);
  const live = useLiveSeats(ids);
  const desk = useCounter({ ids, round, planning: false, reload: () => load.again().catch(() => {}) });
  if (!items.length) return html`<${Empty} title=${t('mine.none')} text=${t('mine.none_text')}><a class="button primary" href=${withTerm('/courses')}>${t('courses.title')}</a><//>`;
  return html`${desk.node}<ul class="courses">${items.map(({ section }) => html`<li class="course" key=${section.id}>
    <header class="course-head"><h2><a href=${withTerm(`/courses/${section.course_id}`)}>${section.course_name}</a></h2><p class="meta"><span>${section.course_code}</span><span>${t('course.credits', { n: section.credits })}</span></p></header>
    <ul class="sections"><${SectionCard} section=${live(section)}>${desk.of(section)}<//></ul></li>`)}</ul>`;
}

/** Every request and what came of it, read when it is opened. */
function Log() {
  const [shown, setShown] = useState(false);
  const load = useLoad(async () => (shown ? loadPart('parts/enrolment-log.js', 'late') : null), [shown]);
  return html`<details class="sheet" onToggle=${(event) => setShown(event.target.open)}><summary>${t('mine.log')}</summary>${load.data && html`<${load.data.EnrolmentLog} />`}</details>`;
}

function View() {
  const term = chosenTerm();
  const load = useLoad(() => readMine(term), [term]);
  const { round, known } = useRound(30000, term);
  const again = () => load.again().catch(() => {});
  usePolling(() => load.again(), () => (load.data?.items.some((item) => !isSettled(item.state)) ? 3000 : 30000), [term]);
  useClaimEvents('section', again);
  return html`<${SelectionHead} title=${t('mine.title')} lead=${t('mine.lead')} />
    ${known && html`<${RoundBanner} round=${round} />`}
    <${Loaded} load=${load} rows=${5}>${(data) => html`<section class="sheet"><${Credits} credits=${data.credits} /></section><${Held} load=${load} round=${round} />`}<//>
    <${Log} />`;
}

export const page = { view: View, needs: 'claims:own' };
