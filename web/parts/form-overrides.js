// The form of overrides: its fields and what is sent.
import { findUsernames } from '../lib/finders.js';
import { t } from '../lib/i18n.js';
import { ABOUT } from '../lib/permit-fields.js';

const rule = (one) => t(`rule.${one}`);

export const form = {
  fields: [
    { name: 'student', kind: 'one', required: true, search: findUsernames },
    ...ABOUT,
    { name: 'rules', kind: 'some', options: ['restriction', 'prerequisite', 'clash', 'credit_limit'], say: rule, required: true },
    { name: 'reason', kind: 'text', required: true, most: 255 },
  ],
  bodyOf: ({ about, student, ...body }) => ({ ...body, username: student }),
};
