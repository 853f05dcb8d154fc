// Students: their records and classes, new passwords, and leaving for good.
import { handsOut } from '../components/first-passwords.js';
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';
import { readClasses } from '../lib/org.js';

const status = (one) => t(`status.${one}`);
const account = (one) => t(`account.${one}`);
const STATUSES = ['enrolled', 'suspended', 'graduated'];

export const page = recordsPage({
  name: 'students',
  form: 'form-students',
  path: '/api/manage/students',
  tools: handsOut('students'),
  titleOf: (row) => row.display_name,
  columns: [
    { key: 'display_name' },
    { key: 'student_no', num: true },
    { key: 'class_name' },
    { key: 'college' },
    { key: 'status', cell: (row) => status(row.status) },
    { key: 'account_status', cell: (row) => account(row.account_status) },
  ],
  filters: [
    { name: 'college_id', choices: 'colleges' },
    { name: 'status', options: [...STATUSES, 'withdrawn'], say: status },
    { name: 'account_status', options: ['active', 'disabled'], say: account },
    { name: 'class_id', chip: async (id) => (await readClasses()).find((one) => one.id === id)?.name ?? id },
  ],
  extra: 'student',
});
