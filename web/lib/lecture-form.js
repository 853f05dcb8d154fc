// A lecture as a form holds it, and back: texts in fields, campus times, only what was changed is sent.
import { campusDay, toInput } from './format.js';
import { now } from './clock.js';
import { mistakeIn, readReservations, writeReservations } from './reservations.js';
import { fromInput } from './wall-time.js';

const DAY = 86400000;
const TIMES = ['starts_at', 'ends_at', 'opens_at', 'closes_at'];
const TEXTS = ['title', 'speaker', 'place', 'summary', 'state'];

/** An empty form: booking opens tomorrow, the lecture is in a week. */
export function blankForm() {
  const at = (days, hour) => `${campusDay(now() + (days + 1) * DAY)}T${hour}:00`;
  return {
    title: '', speaker: '', place: '', summary: '', state: 'published',
    opens_at: at(0, 12), closes_at: at(6, 18), starts_at: at(7, 19), ends_at: at(7, 21),
    capacity: '200', waitlist_capacity: '50', reserved_until: '',
    restriction: { mode: 'none', colleges: [], grades: [], classes: [] },
    reservations: [],
  };
}

/** @param {any} lecture as the API tells it */
export function formOf(lecture) {
  const form = { ...blankForm(), capacity: String(lecture.capacity), waitlist_capacity: String(lecture.waitlist_capacity) };
  for (const name of TEXTS) form[name] = lecture[name] ?? '';
  for (const name of TIMES) form[name] = toInput(lecture[name]);
  form.reserved_until = lecture.reserved_until ? toInput(lecture.reserved_until) : '';
  form.restriction = { mode: 'none', colleges: [], grades: [], classes: [], ...lecture.restriction };
  form.reservations = readReservations(lecture.reservations);
  return form;
}

function plain(form) {
  const body = { capacity: Number(form.capacity), waitlist_capacity: Number(form.waitlist_capacity || 0) };
  for (const name of TEXTS) body[name] = form[name].trim();
  for (const name of TIMES) body[name] = fromInput(form[name]);
  body.reserved_until = form.reserved_until ? fromInput(form.reserved_until) : null;
  body.restriction = form.restriction.mode === 'none' ? { mode: 'none', colleges: [], grades: [], classes: [] } : form.restriction;
  body.reservations = writeReservations(form.reservations);
  return body;
}

/** The body for POST, or for PATCH only what differs from `before`. @param {any} form @param {any} [before] another form */
export function bodyOf(form, before) {
  const body = plain(form);
  if (!before) return body;
  const old = plain(before);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name])));
}

/** Mistakes that need no server to see: field → text key. @param {any} form @returns {Record<string, string>} */
export function mistakes(form) {
  const found = {};
  for (const name of ['title', 'speaker', 'place', ...TIMES]) if (!form[name].trim()) found[name] = 'form.required';
  if (!/^\d+$/.test(form.capacity) || Number(form.capacity) < 1) found.capacity = 'form.positive';
  if (!/^\d*$/.test(form.waitlist_capacity)) found.waitlist_capacity = 'form.whole';
  if (form.opens_at >= form.closes_at) found.closes_at = 'form.closes_after_opens';
  if (form.starts_at >= form.ends_at) found.ends_at = 'form.ends_after_starts';
  if (form.closes_at > form.ends_at) found.closes_at ??= 'form.closes_before_end';
  const reserved = mistakeIn(form.reservations, Number(form.capacity));
  if (reserved) found.reservations = reserved;
  return found;
}
