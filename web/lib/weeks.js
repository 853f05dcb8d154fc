// Weeks, weekdays and periods in words: as app/catalogue/weeks.py writes them, in the page's language.
import { t } from './i18n.js';

const MOST = 30;

/** Whether a mask has the week; bit 0 is week 1. @param {number} mask @param {number} week */
export const inWeek = (mask, week) => Math.floor(mask / 2 ** (week - 1)) % 2 === 1;

function run(weeks, at, step) {
  let length = 1;
  while (weeks[at + length] === weeks[at] + length * step) length++;
  return length;
}

/** "1-16周", "1-15周(单)", "1-8,10,12-16周". @param {number} mask */
export function printWeeks(mask) {
  const weeks = Array.from({ length: MOST }, (_, i) => i + 1).filter((week) => inWeek(mask, week));
  const parts = [];
  for (let at = 0; at < weeks.length; ) {
    const two = run(weeks, at, 1) === 1 && run(weeks, at, 2) >= 3;
    const length = run(weeks, at, two ? 2 : 1);
    const [first, last] = [weeks[at], weeks[at + length - 1]];
    const numbers = first === last ? `${first}` : `${first}–${last}`;
    parts.push(two ? t(first % 2 ? 'weeks.odd' : 'weeks.even', { weeks: numbers }) : t('weeks.all', { weeks: numbers, n: length }));
    at += length;
  }
  return parts.join(t('weeks.and'));
}

/** "周三 3–4 节". @param {{ weekday: number, first_period: number, last_period: number }} meeting */
export function printSlot({ weekday, first_period: first, last_period: last }) {
  return t('weeks.slot', { day: t(`weeks.day_${weekday}`), periods: first === last ? first : `${first}–${last}`, n: last - first + 1 });
}
