// The form of programme courses: its fields and what is sent.
import { findClasses, findCourses } from '../lib/finders.js';

export const form = {
  fields: [
    { name: 'class_id', kind: 'one', required: true, only: 'new', search: findClasses },
    { name: 'course_id', kind: 'one', required: true, only: 'new', search: findCourses },
    { name: 'recommended_term', kind: 'whole', required: true, min: 1, max: 8, hint: 'hint.recommended_term' },
    { name: 'required', kind: 'check' },
  ],
};
