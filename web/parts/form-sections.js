// The form of sections: its fields and what is sent.
import { findCourses, findTeachers } from '../lib/finders.js';
import { t } from '../lib/i18n.js';
import { mistakeIn } from '../lib/meetings.js';
import { mistakeIn as mistakeInReservations, readReservations, writeReservations } from '../lib/reservations.js';
import { Forcing } from './forcing.js';

const tongue = (one) => t(`tongue.${one}`);
const exam = (one) => t(`exam.${one}`);

export const form = {
  closed: (row) => row.state === 'cancelled',
  // What the server does only with a reason, once it has said in whose way it is.
  force: { codes: ['place_taken', 'teacher_taken', 'meetings_clash'], View: Forcing },
  fields: [
    { name: 'course_id', kind: 'one', required: true, only: 'new', search: findCourses },
    { name: 'term_id', kind: 'choice', choices: 'terms', required: true, only: 'new' },
    { name: 'section_no', kind: 'whole', only: 'new', min: 1, max: 9999, hint: 'hint.section_no' },
    { name: 'teacher_id', kind: 'one', search: findTeachers, shown: (row) => (row.teacher_id ? { id: row.teacher_id, label: row.teacher_names } : null) },
    { name: 'teacher_names', kind: 'text', most: 100, hint: 'hint.teacher_names' },
    { name: 'capacity', kind: 'whole', required: true, min: 0, max: 100000, hint: 'hint.capacity' },
    { name: 'waitlist_capacity', kind: 'whole', min: 0, max: 100000 },
    { name: 'reservations', label: 'form.reservations', kind: 'part', part: 'reservations', check: mistakeInReservations, shown: (row) => readReservations(row.reservations), write: writeReservations },
    { name: 'reserved_until', label: 'form.reserved_until', kind: 'moment', hint: 'form.reserved_until_hint', unless: (form) => !form.reservations.length },
    { name: 'language', kind: 'choice', options: ['zh', 'en', 'bilingual'], say: tongue, blank: 'zh', required: true },
    { name: 'exam_type', kind: 'choice', options: ['exam', 'assessment'], say: exam, blank: 'exam', required: true },
    { name: 'exam_at', kind: 'moment' },
    { name: 'state', label: 'field.section_state', kind: 'choice', options: ['draft', 'published'], say: (one) => t(`section.${one}`), blank: 'draft', required: true },
    { name: 'is_mooc', kind: 'check' },
    { name: 'meetings', kind: 'part', part: 'meetings', check: mistakeIn, shown: (row) => row.meetings.map(({ weekday, first_period, last_period, weeks, place }) => ({ weekday, first_period, last_period, weeks, place })) },
  ],
};
