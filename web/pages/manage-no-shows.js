// Who had a seat in lectures of a term and did not come, and forgiving it.
import { html } from '../vendor/ui.js';
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';

const state = (row) => html`<span class="badge" data-tone=${row.held ? 'bad' : 'calm'}>${t(row.held ? 'absence.held' : 'absence.free')}</span>`;

export const page = recordsPage({
  name: 'no-shows',
  path: '/api/manage/lectures/no-shows',
  id: 'student_id',
  creates: false,
  titleOf: (row) => row.display_name,
  act: { part: 'forgiving', offered: (row) => row.missed > row.waived },
  columns: [{ key: 'display_name' }, { key: 'student_no', num: true }, { key: 'missed', num: true }, { key: 'waived', num: true }, { key: 'held', cell: state }],
  filters: [{ name: 'term_id', choices: 'terms', none: 'desk.current' }],
});
