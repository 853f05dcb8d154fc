// Who had a seat in lectures of a term and did not come, and forgiving it: that counts no more, what is missed later does.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Confirm } from '../components/dialog.js';
import { recordsPage } from '../components/records.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

const PATH = '/api/manage/lectures/no-shows';

function Forgive({ row, onRow }) {
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  const body = { student_id: row.student_id, term_id: row.term_id };
  const run = async () => {
    const forgiven = await sending.send(async () => (await api(`${PATH}/waivers`, { method: 'POST', body })).data);
    if (forgiven) onRow(forgiven);
  };
  return html`${row.missed > row.waived && html`<button type="button" class="quiet" aria-label=${`${t('act.no-shows')} ${row.display_name}`} onClick=${() => setAsking(true)}>${t('act.no-shows')}</button>`}
    <${Answer} error=${sending.error} />
    <${Confirm} open=${asking} title=${t('absence.sure', { name: row.display_name, n: row.missed - row.waived })} text=${t('absence.sure_text')} confirm=${t('act.no-shows')} onConfirm=${run} onClose=${() => setAsking(false)} />`;
}

const state = (row) => html`<span class="badge" data-tone=${row.held ? 'bad' : 'calm'}>${t(row.held ? 'absence.held' : 'absence.free')}</span>`;

export const page = recordsPage({
  name: 'no-shows',
  path: PATH,
  id: 'student_id',
  creates: false,
  act: Forgive,
  columns: [{ key: 'display_name' }, { key: 'student_no', num: true }, { key: 'missed', num: true }, { key: 'waived', num: true }, { key: 'held', cell: state }],
  filters: [{ name: 'term_id', choices: 'terms', none: 'desk.current' }],
});
