// A week of a timetable: which meetings are in it, on which date, and which share a time.
import { inWeek } from './weeks.js';

const DAY = 86400000;

/** The date of a weekday of a week, "2026-11-28". @param {any} term @param {number} week @param {number} weekday */
export function dateOf(term, week, weekday) {
  return new Date(Date.parse(`${term.starts_on}T00:00:00Z`) + ((week - 1) * 7 + weekday - 1) * DAY).toISOString().slice(0, 10);
}

/** Side by side: each block gets a lane among those that overlap it. */
function laned(blocks) {
  const lanes = [];
  for (const block of blocks) {
    const lane = lanes.findIndex((last) => last < block.meeting.first_period);
    block.lane = lane < 0 ? lanes.length : lane;
    lanes[block.lane] = block.meeting.last_period;
  }
  for (const block of blocks) {
    const beside = blocks.filter((other) => other.meeting.first_period <= block.meeting.last_period && other.meeting.last_period >= block.meeting.first_period);
    block.lanes = Math.max(...beside.map((other) => other.lane)) + 1;
  }
  return blocks;
}

/**
 * The seven days of a week (0: all weeks at once), each with its blocks in order.
 * @param {{ section: any, tone: string }[]} entries @param {number} week @param {any} term
 */
export function daysOf(entries, week, term) {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const date = week ? dateOf(term, week, weekday) : null;
    const blocks = entries
      .flatMap((entry) => entry.section.meetings.map((meeting) => ({ ...entry, meeting })))
      .filter(({ meeting }) => meeting.weekday === weekday && (!week || inWeek(meeting.week_mask, week)))
      .sort((a, b) => a.meeting.first_period - b.meeting.first_period || a.meeting.last_period - b.meeting.last_period);
    return { weekday, date, free: Boolean(date && term.teaching_free_days.includes(date)), blocks: laned(blocks) };
  });
}
