// The form of students: its fields and what is sent.
import { findClasses } from '../lib/finders.js';
import { t } from '../lib/i18n.js';

const status = (one) => t(`status.${one}`);
const account = (one) => t(`account.${one}`);
const STATUSES = ['enrolled', 'suspended', 'graduated'];

export const form = {
  closed: (row) => row.status === 'withdrawn',
  fields: [
    { name: 'student_no', kind: 'text', required: true, most: 20 },
    { name: 'display_name', kind: 'text', required: true, most: 64 },
    { name: 'class_id', kind: 'one', required: true, search: findClasses, shown: (row) => ({ id: row.class_id, label: row.class_name }) },
    { name: 'gender', kind: 'choice', options: ['unknown', 'male', 'female'], say: (one) => t(`gender.${one}`), blank: 'unknown', required: true },
    { name: 'email', kind: 'text', most: 100 },
    { name: 'phone', kind: 'text', most: 20 },
    { name: 'status', kind: 'choice', options: STATUSES, say: status, blank: 'enrolled', required: true },
    { name: 'account_status', kind: 'choice', options: ['active', 'disabled'], say: account, required: true, only: 'old' },
    { name: 'username', kind: 'text', most: 64, hint: 'hint.username', only: 'new' },
  ],
};
