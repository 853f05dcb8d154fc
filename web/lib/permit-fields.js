// Fields of restrictions and overrides.
import { courseChoice, findCourses, findSections } from './finders.js';
import { t } from './i18n.js';

/** A course as a whole, or one section of it. */
export const ABOUT = [
  { name: 'about', kind: 'choice', options: ['course', 'section'], say: (one) => t(`about.${one}_scope`), blank: 'course', required: true },
  { name: 'course_id', kind: 'one', required: true, search: findCourses, unless: (form) => form.about !== 'course', shown: (row) => courseChoice(row) },
  { name: 'section_id', kind: 'one', required: true, search: findSections, unless: (form) => form.about !== 'section' },
];
