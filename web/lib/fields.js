// The fields of a record: what a form holds for each, what is sent, and the mistakes that need no server to see.
import { toInput } from './format.js';
import { fromInput } from './wall-time.js';

/**
 * @typedef {{ name: string, kind: string, required?: boolean, only?: 'new' | 'old', hint?: string, most?: number, min?: number,
 *   max?: number, options?: any[], say?: (one: any) => string, choices?: string, search?: (q: string) => Promise<Choice[]>, shown?: (record: any) => any,
 *   blank?: any, part?: string, unless?: (form: any) => boolean, [more: string]: any }} FieldOf
 *   only: in the form of a new record, or of one that is there; unless: not asked for, and not sent, while this holds
 * @typedef {{ id: string, label: string, about?: string }} Choice
 * Every kind: read (what the API tells → what the form holds), write (and back), check (→ a text's key, or nothing).
 */
const plain = { blank: '', read: (value) => value ?? '', write: (value) => value.trim(), check: () => '' };
const digits = (value) => String(value ?? '');

export const KINDS = {
  text: plain,
  area: plain,
  date: { ...plain, write: (value) => value || null },
  choice: { ...plain, write: (value) => value || null },
  whole: { ...plain, read: digits, write: (value) => (value === '' ? null : Number(value)), check: (value, field) => (value === '' || /^\d+$/.test(value) ? within(value, field) : 'form.whole') },
  tenths: { ...plain, read: digits, write: (value) => (value === '' ? null : Number(value)), check: (value, field) => (value === '' || /^\d+(\.\d)?$/.test(value) ? within(value, field) : 'form.tenths') },
  moment: { ...plain, read: (value) => (value ? toInput(value) : ''), write: (value) => (value ? fromInput(value) : null) },
  check: { ...plain, blank: false, read: Boolean, write: Boolean },
  one: { ...plain, blank: null, read: (value) => value, write: (value) => value?.id ?? null },
  many: { ...plain, blank: [], read: (value) => value ?? [], write: (value) => value.map((one) => one.id) },
  some: { ...plain, blank: [], read: (value) => value ?? [], write: (value) => value },
  days: { ...plain, read: (value) => (value ?? []).join('\n'), write: (value) => value.split(/[\s,，、]+/).filter(Boolean), check: (value) => (value.split(/[\s,，、]+/).every((day) => !day || /^\d{4}-\d\d-\d\d$/.test(day)) ? '' : 'form.days') },
  audience: { ...plain, blank: { colleges: [], grades: [], classes: [] }, read: (value) => value, write: (value) => value },
  part: { ...plain, blank: [], read: (value) => value ?? [], write: (value, field) => (field.write ? field.write(value) : value), check: (value, field) => field.check?.(value) ?? '' },
};

function within(value, { min, max }) {
  return value !== '' && ((min !== undefined && Number(value) < min) || (max !== undefined && Number(value) > max)) ? 'form.range' : '';
}

/** The fields of a new record, or of one that is there. @param {FieldOf[]} fields @param {boolean} fresh */
export function fieldsFor(fields, fresh) {
  return fields.filter((field) => field.only !== (fresh ? 'old' : 'new'));
}

/** What the form holds of a record, or of nothing yet. @param {FieldOf[]} fields @param {any} [record] @param {any} [given] */
export function formOf(fields, record, given = {}) {
  return Object.fromEntries(
    fields.map((field) => {
      const kind = KINDS[field.kind];
      if (!record) return [field.name, given[field.name] ?? field.blank ?? kind.blank];
      return [field.name, kind.read(field.shown ? field.shown(record) : record[field.name], field)];
    }),
  );
}

/** The body to send: all of a new record, or what differs from `before`. @param {FieldOf[]} fields @param {any} form @param {any} [before] */
export function bodyOf(fields, form, before) {
  const body = {};
  for (const field of fields) {
    const write = (value) => KINDS[field.kind].write(value, field);
    const value = write(form[field.name]);
    // Nothing chosen of some is said: without a word it would mean all of them.
    if (before ? !same(value, write(before[field.name])) : field.kind === 'some' || !empty(value)) body[field.name] = value;
  }
  return body;
}

/** Names of the fields in which two forms differ. @param {FieldOf[]} fields @param {any} one @param {any} other */
export function differing(fields, one, other) {
  return fields.filter((field) => !same(one[field.name], other[field.name])).map((field) => field.name);
}

/** Field → text key. @param {FieldOf[]} fields @param {any} form @returns {Record<string, string>} */
export function mistakesOf(fields, form) {
  const found = {};
  for (const field of fields) {
    const value = form[field.name];
    const wrong = field.required && empty(KINDS[field.kind].write(value, field)) ? 'form.required' : KINDS[field.kind].check(value, field);
    if (wrong) found[field.name] = wrong;
  }
  return found;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const empty = (value) => value === '' || value === null || (Array.isArray(value) && !value.length);
