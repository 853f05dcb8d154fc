// A week of a timetable: which meetings are in it, on which date, and which share a time.
import { lecturesOn, noteClashes } from './week-lectures.js';
import { inWeek } from './weeks.js';

const DAY = 86400000;

/** The week that a date falls into, 1 for the first. @param {any} term @param {string} date */
export const weekOf = (term, date) => Math.floor((Date.parse(date) - Date.parse(term.starts_on)) / DAY / 7) + 1;

/** The date of a weekday of a week, "2026-11-28". @param {any} term @param {number} week @param {number} weekday */
export function dateOf(term, week, weekday) {
  return new Date(Date.parse(`${term.starts_on}T00:00:00Z`) + ((week - 1) * 7 + weekday - 1) * DAY).toISOString().slice(0, 10);
}

/** Side by side: each block gets a lane among those that overlap it. */
function laned(blocks) {
  const lanes = [];
  for (const block of blocks.sort((a, b) => a.meeting.first_period - b.meeting.first_period || a.meeting.last_period - b.meeting.last_period)) {
    const lane = lanes.findIndex((last) => last < block.meeting.first_period);
    block.lane = lane < 0 ? lanes.length : lane;
    lanes[block.lane] = block.meeting.last_period;
  }
  for (const block of blocks) {
    const beside = blocks.filter((other) => other.meeting.first_period <= block.meeting.last_period && other.meeting.last_period >= block.meeting.first_period);
    block.lanes = Math.max(...beside.map((other) => other.lane)) + 1;
  }
  return blocks.sort((a, b) => (a.meeting.starts_at < b.meeting.starts_at ? -1 : 1));
}

/**
 * The seven days of a week (0: all weeks at once, of classes alone), each with its blocks in order.
 * @param {{ section: any, tone: string }[]} entries @param {number} week @param {any} term
 * @param {{ lecture: any, tone: string }[]} lectures @param {any[]} periods
 */
export function daysOf(entries, week, term, lectures, periods) {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const date = week ? dateOf(term, week, weekday) : null;
    const free = Boolean(date && term.teaching_free_days.includes(date));
    const classes = entries
      .flatMap((entry) => entry.section.meetings.map((meeting) => ({ ...entry, meeting })))
      .filter(({ meeting }) => !free && meeting.weekday === weekday && (!week || inWeek(meeting.week_mask, week)));
    const blocks = date ? [...classes, ...lecturesOn(lectures, date, weekday, periods)] : classes;
    return { weekday, date, free, blocks: laned(noteClashes(blocks)) };
  });
}
