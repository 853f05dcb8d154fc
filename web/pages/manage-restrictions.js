// Emergency settings (禁选): only these students, or all but these, for a course or a section; at once, with a reason.
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { aboutOf, audienceOf } from '../lib/permits.js';

const mode = (one) => t(`restriction.${one}`);

export const page = recordsPage({
  name: 'restrictions',
  form: 'form-restrictions',
  path: '/api/manage/restrictions',
  fixed: true,
  search: false,
  titleOf: aboutOf,
  columns: [
    { key: 'course', cell: aboutOf },
    { key: 'restriction', wrap: true, cell: (row) => `${mode(row.mode)}${t('desk.colon')}${audienceOf(row)}` },
    { key: 'reason', wrap: true },
    { key: 'created_at', cell: (row) => moment(row.created_at) },
  ],
});
