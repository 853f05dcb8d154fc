// The lectures of a term by date, where the timetable shows all weeks at once: a lecture has one.
import { html } from '../vendor/ui.js';
import { campusDay, range } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { daysOf, weekOf } from '../lib/week.js';
import { Clashes } from './week-grid.js';

/** @param {{ data: any, entries: any[], lectures: { lecture: any, tone: string }[] }} props */
export function LectureList({ data, entries, lectures }) {
  const { term, periods } = data;
  if (!lectures.length) return null;
  const clashesOf = (lecture) => {
    const days = daysOf(entries, weekOf(term, campusDay(lecture.starts_at)), term, lectures, periods);
    return days.flatMap(({ blocks }) => blocks.filter((block) => block.lecture === lecture).flatMap(({ clashes }) => clashes));
  };
  return html`<section><h2>${t('timetable.lectures')}</h2><ul class="plain-list">${lectures.map(({ lecture, tone }) => html`<li key=${lecture.id}>
    <span><a href=${`/lectures/${lecture.id}`}>${lecture.title}</a>${tone === 'line' && ` · ${t('timetable.waiting')}`}</span>
    <span class="num">${range(lecture.starts_at, lecture.ends_at)}</span>
    <${Clashes} names=${clashesOf(lecture)} /></li>`)}</ul></section>`;
}
