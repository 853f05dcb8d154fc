// Credit accounts: how many credits a student may choose in a term, and how many are used.
import { recordsPage } from '../components/records.js';

export const page = recordsPage({
  name: 'credit-accounts',
  form: 'form-credit-accounts',
  path: '/api/manage/credit-accounts',
  titleOf: (row) => `${row.display_name} ${row.student_no}`,
  columns: [{ key: 'display_name' }, { key: 'student_no', num: true }, { key: 'credit_limit', num: true }, { key: 'used', num: true }],
  filters: [{ name: 'term_id', choices: 'terms' }],
});
