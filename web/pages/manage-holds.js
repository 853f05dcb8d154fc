// Holds: a student who may not choose in a term, and why.
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { personOf } from '../lib/permits.js';

export const page = recordsPage({
  name: 'holds',
  form: 'form-holds',
  path: '/api/manage/holds',
  fixed: true,
  search: false,
  titleOf: personOf,
  columns: [{ key: 'student', cell: personOf }, { key: 'reason', wrap: true }, { key: 'created_at', cell: (row) => moment(row.created_at) }],
  filters: [{ name: 'term_id', choices: 'terms' }],
});
