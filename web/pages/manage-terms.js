// Terms: when they begin, how many weeks they have, on which days nothing is taught.
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';

export const page = recordsPage({
  name: 'terms',
  form: 'form-terms',
  path: '/api/manage/terms',
  search: false,
  titleOf: (row) => row.name,
  columns: [{ key: 'name' }, { key: 'code', num: true }, { key: 'starts_on' }, { key: 'weeks', num: true }, { key: 'current', cell: (row) => ['current', 'selecting'].filter((name) => row[name]).map((name) => t(`desk.${name}`)).join(' · ') }],
});
