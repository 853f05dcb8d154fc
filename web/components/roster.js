// Who has a seat, who waits: the manager's list of a lecture, kept current, and as a file.
import { html, useState } from '../vendor/ui.js';
import { api } from '../lib/api.js';
import { explain } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { ClaimBadge } from './badge.js';
import { Empty, Loaded } from './feedback.js';
import { Icon } from './icons.js';

const LIMIT = 50;

/** The file needs the signed-in person's token, so it is fetched and then handed to the browser. */
async function saveCsv(id) {
  const { data } = await api(`/api/manage/lectures/${id}/bookings.csv`, { accept: 'text/csv', timeout: 60000 });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = `lecture-${id}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** @param {{ id: string }} props */
export function Roster({ id }) {
  const [error, setError] = useState(null);
  const address = `/api/manage/lectures/${id}/bookings?limit=${LIMIT}`;
  const load = useLoad(async () => (await api(address)).data, [id]);
  usePolling(async () => {
    if (load.data && load.data.items.length <= LIMIT) load.set((await api(address)).data);
  }, () => 6000, [id]);
  const addMore = async () => {
    const { data } = await api(`${address}&cursor=${encodeURIComponent(load.data.next_cursor)}`);
    load.set({ items: [...load.data.items, ...data.items], next_cursor: data.next_cursor });
  };
  const attempt = (run) => () => {
    setError(null);
    run().catch(setError);
  };
  return html`<section>
    <div class="section-head"><h2>${t('roster.title')}</h2><button type="button" onClick=${attempt(() => saveCsv(id))}><${Icon} name="download" />${t('roster.csv')}</button></div>
    <div role="status">${error && html`<p class="field-error">${explain(error)}</p>`}</div>
    <${Loaded} load=${load} rows=${4}>
      ${(data) =>
        data.items.length === 0
          ? html`<${Empty} text=${t('roster.none')} />`
          : html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('roster.title')}><table class="grid">
                <thead><tr><th scope="col">${t('roster.student')}</th><th scope="col">${t('roster.class')}</th><th scope="col">${t('manage.state')}</th><th scope="col">${t('roster.decided')}</th><th scope="col">${t('roster.arrived')}</th></tr></thead>
                <tbody>${data.items.map(
                  (row) => html`<tr key=${row.claim_id}>
                    <th scope="row">${row.display_name ?? row.username}<span class="muted small num">${row.student_no ?? row.username}</span></th>
                    <td>${row.class_name ?? '—'}</td>
                    <td><${ClaimBadge} claim=${{ action: 'book', ...row }} /></td>
                    <td>${format(row.decided_at, 'date')} ${format(row.decided_at, 'clock')}</td>
                    <td>${row.checked_in_at ? format(row.checked_in_at, 'time') : '—'}</td>
                  </tr>`,
                )}</tbody></table></div>
              ${data.next_cursor && html`<p class="more"><button type="button" onClick=${attempt(addMore)}>${t('action.more')}</button></p>`}`}
    <//>
  </section>`;
}
