// A week of classes and lectures: a list of days on a phone, a grid of periods and weekdays on a desk and on paper.
import { html } from '../vendor/ui.js';
import { now } from '../lib/clock.js';
import { campusDay, format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { withTerm } from '../lib/rounds.js';
import { daysOf } from '../lib/week.js';
import { printWeeks } from '../lib/weeks.js';
import { Icon } from './icons.js';
import { fromInput } from '../lib/wall-time.js';

/** What takes place at the same time, in words. @param {{ names: string[] }} props */
export function Clashes({ names }) {
  return names.length > 0 && html`<span class="lesson-clash"><${Icon} name="alert" />${t('timetable.clash', { names: names.join(t('lecture.and')) })}</span>`;
}

function Block({ block, week }) {
  const { section, lecture, meeting, tone, lane, lanes, clashes } = block;
  const place = { '--column': meeting.weekday + 1, '--from': meeting.first_period + 1, '--to': meeting.last_period + 2, '--lane': lane, '--lanes': lanes };
  return html`<li class="lesson" data-kind=${lecture ? 'lecture' : undefined} data-tone=${tone} style=${place}>
    ${lecture && html`<span class="lesson-kind"><${Icon} name="lectures" />${t('timetable.lecture')}</span>`}
    ${lecture ? html`<a href=${`/lectures/${lecture.id}`}>${lecture.title}</a>` : html`<a href=${withTerm(`/courses/${section.course_id}`, section.term_id)}>${section.course_name}</a>`}
    <span class="lesson-time">${meeting.starts_at}–${meeting.ends_at}</span>
    <span>${meeting.place}</span>
    ${!week && html`<span>${printWeeks(meeting.week_mask)}</span>`}
    ${tone !== 'held' && html`<span class="lesson-state">${t(tone === 'plan' ? 'timetable.planned' : 'timetable.waiting')}</span>`}
    <${Clashes} names=${clashes} /></li>`;
}

function Day({ day, week }) {
  const { weekday, date, free, blocks } = day;
  const today = date === campusDay(now());
  const key = ({ section, lecture, meeting }) => `${section?.id ?? `l${lecture.id}`} ${meeting.first_period}`;
  return html`<section class="day" data-empty=${blocks.length ? undefined : ''} data-today=${today ? '' : undefined} aria-label=${t(`weeks.day_${weekday}`)}>
    <h2 class="day-name" style=${{ '--column': weekday + 1 }}><span>${t(`weeks.day_${weekday}`)}</span>${date && html`<span class="day-date">${format(fromInput(`${date}T12:00`), 'monthDay')}</span>`}${today && html`<span class="badge" data-tone="accent">${t('timetable.today')}</span>`}</h2>
    ${free && html`<p class="day-free" style=${{ '--column': weekday + 1 }}>${t('timetable.free')}</p>`}
    ${blocks.length > 0 && html`<ol>${blocks.map((block) => html`<${Block} key=${key(block)} block=${block} week=${week} />`)}</ol>`}
  </section>`;
}

/** @param {{ data: any, entries: any[], lectures: any[], week: number }} props week 0: all weeks, without lectures, which have a date */
export function WeekGrid({ data, entries, lectures, week }) {
  const days = daysOf(entries, week, data.term, lectures, data.periods);
  const after = data.periods.length + 1;
  const outside = days.some((day) => day.blocks.some(({ meeting }) => meeting.first_period === after));
  return html`<div class="timetable" data-weekend=${days.slice(5).some((day) => day.blocks.length) ? '' : undefined}>
    ${data.periods.map((period) => html`<p class="period" key=${period.number} aria-hidden="true" style=${{ '--from': period.number + 1 }}><b>${period.number}</b><span>${period.starts_at}</span></p>`)}
    ${outside && html`<p class="period" key="outside" aria-hidden="true" style=${{ '--from': after + 1 }}><span>${t('timetable.outside')}</span></p>`}
    ${days.map((day) => html`<${Day} key=${day.weekday} day=${day} week=${week} />`)}
  </div>`;
}
