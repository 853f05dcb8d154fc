// The form of credit accounts: its fields and what is sent.
import { findStudents } from '../lib/finders.js';

export const form = {
  fields: [
    { name: 'student_id', label: 'field.student', kind: 'one', required: true, only: 'new', search: findStudents },
    { name: 'term_id', kind: 'choice', choices: 'terms', required: true, only: 'new' },
    { name: 'credit_limit', kind: 'tenths', required: true },
  ],
};
