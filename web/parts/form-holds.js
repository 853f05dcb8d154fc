// The form of holds: its fields and what is sent.
import { findUsernames } from '../lib/finders.js';

export const form = {
  fields: [
    { name: 'student', kind: 'one', required: true, search: findUsernames },
    { name: 'term_id', kind: 'choice', choices: 'terms', hint: 'hint.term' },
    { name: 'reason', kind: 'text', required: true, most: 255 },
  ],
  bodyOf: ({ student, ...body }) => ({ ...body, username: student }),
};
