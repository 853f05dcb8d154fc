// Overrides: rules that do not bind one student for one course, and why.
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { aboutOf, personOf } from '../lib/permits.js';

const rule = (one) => t(`rule.${one}`);

export const page = recordsPage({
  name: 'overrides',
  form: 'form-overrides',
  path: '/api/manage/overrides',
  fixed: true,
  search: false,
  titleOf: (row) => `${personOf(row)} ${aboutOf(row)}`,
  columns: [
    { key: 'student', cell: personOf },
    { key: 'course', cell: aboutOf },
    { key: 'rules', cell: (row) => row.rules.map(rule).join(t('lecture.and')) },
    { key: 'reason', wrap: true },
    { key: 'created_at', cell: (row) => moment(row.created_at) },
  ],
  filters: [{ name: 'term_id', choices: 'terms' }],
});
