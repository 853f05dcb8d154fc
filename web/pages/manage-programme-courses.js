// Study plans: what a class takes, in which term, and whether it must.
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';
import { readClasses } from '../lib/org.js';

export const page = recordsPage({
  name: 'programme-courses',
  form: 'form-programme-courses',
  path: '/api/manage/programme-courses',
  search: false,
  titleOf: (row) => `${row.class_name} · ${row.course_name}`,
  columns: [
    { key: 'course', cell: (row) => `${row.course_code} ${row.course_name}` },
    { key: 'class_name' },
    { key: 'credits', num: true },
    { key: 'recommended_term', num: true },
    { key: 'required', cell: (row) => t(row.required ? 'plan.required' : 'plan.elective') },
  ],
  filters: [{ name: 'class_id', chip: async (id) => (await readClasses()).find((one) => one.id === id)?.name ?? id }],
});
