// Lectures among the classes of a day: they begin and end when they like, and are put beside the periods they touch.
import { toInput } from './format.js';

/** The part of a lecture that falls on a day, null when none does. @param {any} lecture @param {string} date "2026-11-28" */
function partOn(lecture, date) {
  const [midnight, next] = [`${date}T00:00`, `${date}T24:00`];
  const [starts, ends] = [toInput(lecture.starts_at), toInput(lecture.ends_at)];
  if (starts >= next || ends <= midnight) return null;
  return { starts_at: (starts > midnight ? starts : midnight).slice(11), ends_at: (ends < next ? ends : next).slice(11) };
}

const together = (one, other) => one.starts_at < other.ends_at && other.starts_at < one.ends_at;

/**
 * The blocks of a day. One that touches no period stands below the last.
 * @param {{ lecture: any, tone: string }[]} lectures @param {string} date @param {number} weekday @param {any[]} periods
 */
export function lecturesOn(lectures, date, weekday, periods) {
  return lectures.flatMap((entry) => {
    const part = partOn(entry.lecture, date);
    if (!part) return [];
    const touched = periods.filter((period) => together(part, period));
    const outside = { number: periods.length + 1 };
    const [first, last] = [touched[0] ?? outside, touched.at(-1) ?? outside];
    return [{ ...entry, meeting: { ...part, weekday, place: entry.lecture.place, first_period: first.number, last_period: last.number } }];
  });
}

/** What a block is called. @param {any} block */
export const nameOf = (block) => block.lecture?.title ?? block.section.course_name;

/** Says of each block what it shares its time with, where one of the two is a lecture. @param {any[]} blocks of one day */
export function noteClashes(blocks) {
  for (const block of blocks) {
    block.clashes = blocks.filter((other) => other !== block && (other.lecture || block.lecture) && together(block.meeting, other.meeting)).map(nameOf);
  }
  return blocks;
}
