// How a section of a course looks: when and where it meets, who teaches, how many seats.
import { html } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';
import { printSlot, printWeeks } from '../lib/weeks.js';
import { SeatBar, SeatLine } from './seats.js';

/** "周三 3–4 节 · 1–16 周 · 主楼 101", a line each. @param {{ meetings: any[] }} props */
export function Meetings({ meetings }) {
  if (!meetings.length) return html`<p class="meetings muted">${t('section.no_meetings')}</p>`;
  return html`<ul class="meetings">
    ${meetings.map((one, i) => html`<li key=${i}><b>${printSlot(one)}</b> <span>${printWeeks(one.week_mask)}</span> <span>${one.place}</span></li>`)}
  </ul>`;
}

/** @param {{ section: any }} props */
export function Tags({ section }) {
  const tags = [section.language !== 'zh' && `section.language_${section.language}`, section.is_mooc && 'section.mooc', section.exam_type === 'exam' ? 'section.exam_exam' : 'section.assessment'];
  return html`<span class="tags">${section.state === 'cancelled' && html`<span class="badge" data-tone="bad">${t('phase.cancelled')}</span>`}${tags.filter(Boolean).map((key) => html`<span class="badge" key=${key}>${t(key)}</span>`)}</span>`;
}

/** @param {{ section: any, children?: any, level?: number }} props */
export function SectionCard({ section, children, level = 3 }) {
  const Heading = `h${level}`;
  return html`<li class="section" id=${`section-${section.id}`}>
    <div class="section-what">
      <${Heading}><span class="section-no">${t('section.number', { n: section.section_no })}</span> ${section.teacher_names}<//>
      <${Meetings} meetings=${section.meetings} />
      <${Tags} section=${section} />
    </div>
    <div class="section-seats"><${SeatLine} offering=${section} /><${SeatBar} offering=${section} /></div>
    ${children}
  </li>`;
}
