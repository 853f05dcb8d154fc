// Times and numbers as people on campus read them: always in the campus time zone, whatever the browser's.
import { t, tag } from './i18n.js';

/** The campus time zone, which the shell carries: SEATRUSH_CAMPUS_TIMEZONE when the pages were built. */
const ZONE = document.documentElement.dataset.zone;
// Swedes write "2026-11-20 19:00".
const local = new Intl.DateTimeFormat('sv', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'short' });
const formats = new Map();

const STYLES = {
  date: { month: 'long', day: 'numeric', weekday: 'short' },
  fullDate: { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' },
  time: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  month: { month: 'short' },
  day: { day: 'numeric' },
  weekday: { weekday: 'short' },
  monthDay: { month: 'numeric', day: 'numeric' },
};

/** @param {string | number} when RFC 3339 or epoch ms @returns {number} epoch ms */
export function epoch(when) {
  return typeof when === 'number' ? when : Date.parse(when);
}

/**
 * @param {string | number | null | undefined} when
 * @param {keyof typeof STYLES} style
 * @returns {string}
 */
export function format(when, style) {
  if (when === null || when === undefined || Number.isNaN(epoch(when))) return '—';
  const key = `${tag.value} ${style}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(tag.value, { timeZone: ZONE, ...STYLES[style] }));
  const text = formats.get(key).format(epoch(when));
  return style === 'day' ? text.replace(/\D/g, '') : text;
}

/** "11月20日周五 19:00". @param {string | number} when */
export function moment(when) {
  return `${format(when, 'date')} ${format(when, 'time')}`;
}

/** "11月20日周五 19:00–21:00". @param {string} from @param {string} to */
export function range(from, to) {
  const end = campusDay(from) === campusDay(to) ? format(to, 'time') : moment(to);
  return `${moment(from)}–${end}`;
}

/** The campus date as "2026-11-20". @param {string | number} when */
export function campusDay(when) {
  return toInput(when).slice(0, 10);
}

/** The value of a datetime-local field for a time: "2026-11-20T19:00" on campus. @param {string | number} when */
export function toInput(when) {
  return local.format(epoch(when)).replace(' ', 'T');
}

/** The zone's name, the same in summer and winter: "中国标准时间". */
export const zoneName = () => new Intl.DateTimeFormat(tag.value, { timeZone: ZONE, timeZoneName: 'longGeneric' }).formatToParts().at(-1).value;

/** What is left, as parts for a countdown. @param {number} ms */
export function split(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const pad = (n) => String(n).padStart(2, '0');
  return {
    days: Math.floor(seconds / 86400),
    clock: `${pad(Math.floor(seconds / 3600) % 24)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`,
  };
}

/** "2 天 03:04:05". @param {number} ms */
export function countdown(ms) {
  const { days, clock } = split(ms);
  return days ? `${t('time.days', { n: days })} ${clock}` : clock;
}

/** @param {number} n */
export function number(n) {
  return new Intl.NumberFormat(tag.value).format(n);
}
