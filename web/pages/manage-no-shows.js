// Who had a seat in lectures of a term and did not come, and forgiving it.
import { html, useState } from '../vendor/ui.js';
import { recordsPage } from '../components/records.js';
import { t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { useLoad } from '../lib/poll.js';

/** Asks, and sends: comes with the first press. */
function Forgiving(props) {
  const load = useLoad(() => loadModule('parts/forgiving.js'), []);
  return load.data && html`<${load.data.Forgiving} ...${props} />`;
}

function Forgive({ row, onRow }) {
  const [press, setPress] = useState(0);
  return html`${row.missed > row.waived && html`<button type="button" class="quiet" aria-label=${`${t('act.no-shows')} ${row.display_name}`} onClick=${() => setPress(press + 1)}>${t('act.no-shows')}</button>`}
    ${press > 0 && html`<${Forgiving} key=${press} row=${row} onRow=${onRow} />`}`;
}

const state = (row) => html`<span class="badge" data-tone=${row.held ? 'bad' : 'calm'}>${t(row.held ? 'absence.held' : 'absence.free')}</span>`;

export const page = recordsPage({
  name: 'no-shows',
  path: '/api/manage/lectures/no-shows',
  id: 'student_id',
  creates: false,
  act: Forgive,
  columns: [{ key: 'display_name' }, { key: 'student_no', num: true }, { key: 'missed', num: true }, { key: 'waived', num: true }, { key: 'held', cell: state }],
  filters: [{ name: 'term_id', choices: 'terms', none: 'desk.current' }],
});
