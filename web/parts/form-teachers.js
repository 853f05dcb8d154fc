// The form of teachers: its fields and what is sent.
import { t } from '../lib/i18n.js';

const GIVEN = ['checkin'];
const account = (one) => t(`account.${one}`);
const said = (permission) => t(`may.${permission}`);

export const form = {
  fields: [
    { name: 'teacher_no', kind: 'text', required: true, most: 20 },
    { name: 'display_name', kind: 'text', required: true, most: 64 },
    { name: 'college_id', kind: 'choice', choices: 'colleges', required: true },
    { name: 'title', label: 'field.post', kind: 'text', most: 32 },
    { name: 'email', kind: 'text', most: 100 },
    { name: 'account_status', kind: 'choice', options: ['active', 'disabled'], say: account, required: true, only: 'old' },
    { name: 'permissions', kind: 'some', options: GIVEN, say: said, blank: [], shown: (row) => GIVEN.filter((one) => row.permissions.includes(one)) },
    { name: 'username', kind: 'text', most: 64, hint: 'hint.username', only: 'new' },
  ],
};
