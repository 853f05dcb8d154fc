// How a lecture looks in a list, and its seats.
import { html } from '../vendor/ui.js';
import { tick } from '../lib/clock.js';
import { countdown, epoch, format, range } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { PhaseBadge } from './badge.js';
import { Icon } from './icons.js';
import { SeatLine } from './seats.js';

/** The phase by the server's clock, so that it turns at the very second. @param {any} lecture @param {number} now epoch ms */
export function phaseAt(lecture, now) {
  if (lecture.state === 'cancelled' || lecture.state === 'draft') return lecture.state;
  if (now >= epoch(lecture.ends_at)) return 'past';
  if (now >= epoch(lecture.closes_at)) return 'closed';
  return now >= epoch(lecture.opens_at) ? 'open' : 'upcoming';
}

/** @param {{ when: string }} props */
export function DateTile({ when }) {
  return html`<span class="date-tile" aria-hidden="true">
    <span class="date-month">${format(when, 'month')}</span>
    <span class="date-day">${format(when, 'day')}</span>
    <span class="date-week">${format(when, 'weekday')}</span>
  </span>`;
}

function When({ lecture, phase }) {
  if (phase === 'upcoming') {
    const left = epoch(lecture.opens_at) - tick.value;
    const soon = left < 3600000;
    const text = soon ? t('lecture.opens_in', { left: countdown(left) }) : t('lecture.opens_on', { when: `${format(lecture.opens_at, 'date')} ${format(lecture.opens_at, 'time')}` });
    return html`<span class=${soon ? 'soon' : 'muted'}>${text}</span>`;
  }
  return html`<${SeatLine} offering=${lecture} />`;
}

/** Who, when, where. @param {{ lecture: any }} props */
export function Meta({ lecture }) {
  return html`<p class="meta">
    <span><${Icon} name="person" />${lecture.speaker}</span>
    <span><${Icon} name="clock" />${range(lecture.starts_at, lecture.ends_at)}</span>
    <span><${Icon} name="place" />${lecture.place}</span>
  </p>`;
}

/** One row of a list, the whole of it a link. @param {{ lecture: any, href?: string, level?: number, children?: any }} props */
export function LectureRow({ lecture, href, level = 3, children }) {
  const phase = phaseAt(lecture, tick.value);
  const Heading = `h${level}`;
  return html`<li class="row lecture-row" data-phase=${phase}>
    <${DateTile} when=${lecture.starts_at} />
    <div class="row-main">
      <${Heading}><a class="cover" href=${href ?? `/lectures/${lecture.id}`}>${lecture.title}</a><//>
      <${Meta} lecture=${lecture} />
    </div>
    <div class="row-end">
      <${PhaseBadge} phase=${phase} />
      <${When} lecture=${lecture} phase=${phase} />
      ${children}
    </div>
  </li>`;
}
