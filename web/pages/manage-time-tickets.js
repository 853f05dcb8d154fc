// Time tickets: who may begin later than the round opens.
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { audienceOf } from '../lib/permits.js';

export const page = recordsPage({
  name: 'time-tickets',
  form: 'form-time-tickets',
  path: '/api/manage/time-tickets',
  fixed: true,
  search: false,
  needed: 'round_id',
  titleOf: audienceOf,
  columns: [{ key: 'audience', cell: audienceOf }, { key: 'not_before', cell: (row) => moment(row.not_before) }],
  filters: [{ name: 'round_id', choices: 'rounds' }],
});
