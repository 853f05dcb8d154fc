// The form of courses: its fields and what is sent.
import { findCourses } from '../lib/finders.js';

export const form = {
  fields: [
    { name: 'code', label: 'field.course_code', kind: 'text', required: true, most: 10, hint: 'hint.course_code' },
    { name: 'name', kind: 'text', required: true, most: 100 },
    { name: 'college_id', kind: 'choice', choices: 'colleges', required: true },
    { name: 'credits', kind: 'tenths', required: true },
    { name: 'category', kind: 'text', required: true, most: 20, hint: 'hint.category' },
    { name: 'general_type', kind: 'text', most: 20 },
    { name: 'campus', kind: 'text', required: true, most: 20 },
    { name: 'prerequisites', kind: 'many', search: findCourses, shown: (row) => row.prerequisites.map((one) => ({ id: one.id, label: `${one.code} ${one.name}` })) },
  ],
};
