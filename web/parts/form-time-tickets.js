// The form of time tickets: its fields and what is sent.
import { findUsernames } from '../lib/finders.js';

export const form = {
  fields: [
    { name: 'round_id', kind: 'choice', choices: 'rounds', required: true },
    { name: 'not_before', kind: 'moment', required: true },
    { name: 'audience', kind: 'audience' },
    { name: 'students', kind: 'many', search: findUsernames },
  ],
  bodyOf: ({ audience, students = [], ...body }) => ({ ...body, ...audience, students }),
};
