// The study plan of one's class: what is due now, with its sections, and every term's courses.
import { html, useState } from '../vendor/ui.js';
import { useCounter } from '../components/counter.js';
import { Empty, Loaded } from '../components/feedback.js';
import { SectionCard } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { SelectionHead } from '../components/selection-head.js';
import { api, open } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { afterCache, useLoad } from '../lib/poll.js';
import { useRound } from '../lib/round-events.js';
import { stamped, useLiveSeats } from '../lib/selection.js';

const readProgramme = async () => (await api('/api/me/programme')).data.items;

/** The sections of one course, read when it is opened. */
function Sections({ course, round }) {
  const load = useLoad(async () => stamped((await open(`/api/sections?course_id=${course.id}&limit=50`)).data.items), [course.id]);
  const ids = (load.data ?? []).map((section) => section.id);
  const live = useLiveSeats(ids);
  const desk = useCounter({ ids, round, reload: afterCache(load.again) });
  return html`<${Loaded} load=${load} rows=${2}>${(sections) =>
    sections.length === 0
      ? html`<p class="hint">${t('course.no_sections')}</p>`
      : html`${desk.node}<ul class="sections">${sections.map((section) => html`<${SectionCard} key=${section.id} section=${live(section)} level=${4}>${desk.of(section)}<//>`)}</ul>`}<//>`;
}

function Due({ item, round }) {
  const [shown, setShown] = useState(false);
  const { course } = item;
  return html`<li class="course"><details onToggle=${(event) => setShown(event.target.open)}>
    <summary class="due"><h3>${course.name}</h3><span class="meta"><span>${t('course.credits', { n: course.credits })}</span><span>${t(item.required ? 'programme.required' : 'programme.elective')}</span></span></summary>
    ${shown && html`<${Sections} course=${course} round=${round} />`}
  </details></li>`;
}

function Term({ number, items }) {
  const done = items.filter((item) => item.done).length;
  return html`<section class="sheet"><div class="section-head"><h3>${t('programme.term', { n: number })}</h3><span class="hint">${t('programme.done_of', { done, n: items.length })}</span></div>
    <ul class="programme">${items.map(({ course, required, done: passed }) => html`<li key=${course.id} data-done=${passed ? '' : undefined}>
      <a href=${`/courses/${course.id}`}>${course.name}</a><span class="hint">${t('course.credits', { n: course.credits })} · ${t(required ? 'programme.required' : 'programme.elective')}</span>
      ${passed && html`<span class="badge">${t('programme.done')}</span>`}</li>`)}</ul></section>`;
}

function Programme({ items, round }) {
  const due = items.filter((item) => item.recommended);
  const terms = [...new Set(items.map((item) => item.recommended_term))].sort((a, b) => a - b);
  return html`<section><h2>${t('programme.now')}</h2>
      ${due.length === 0 ? html`<${Empty} text=${t('programme.none_now')}><a class="button" href="/courses">${t('courses.title')}</a><//>` : html`<ul class="courses tight">${due.map((item) => html`<${Due} key=${item.course.id} item=${item} round=${round} />`)}</ul>`}
    </section>
    <section><h2>${t('programme.all')}</h2><div class="terms">${terms.map((number) => html`<${Term} key=${number} number=${number} items=${items.filter((item) => item.recommended_term === number)} />`)}</div></section>`;
}

function View() {
  const load = useLoad(readProgramme, []);
  const { round, known } = useRound(30000);
  return html`<${SelectionHead} title=${t('programme.title')} lead=${t('programme.lead')} term=${null} />
    ${known && html`<${RoundBanner} round=${round} />`}
    <${Loaded} load=${load} rows=${5}>${(items) => (items.length === 0 ? html`<${Empty} title=${t('programme.none')} text=${t('programme.none_text')} />` : html`<${Programme} items=${items} round=${round} />`)}<//>`;
}

export const page = { view: View, needs: 'claims:own' };
