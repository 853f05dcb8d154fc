// Teachers: their accounts and colleges.
import { handsOut } from '../components/first-passwords.js';
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';

const account = (one) => t(`account.${one}`);

export const page = recordsPage({
  name: 'teachers',
  form: 'form-teachers',
  path: '/api/manage/teachers',
  tools: handsOut('teachers'),
  titleOf: (row) => row.display_name,
  columns: [{ key: 'display_name' }, { key: 'teacher_no', num: true }, { key: 'post', cell: (row) => row.title }, { key: 'college' }, { key: 'account_status', cell: (row) => account(row.account_status) }],
  filters: [
    { name: 'college_id', choices: 'colleges' },
    { name: 'account_status', options: ['active', 'disabled'], say: account },
  ],
  extra: 'person',
});
