// The times and rules of a lecture's booking, and the seats pool by pool.
import { html } from '../vendor/ui.js';
import { moment, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { useLoad } from '../lib/poll.js';

/** @param {{ pools?: any[], until?: string | null }} props nothing where all seats are for all */
export function Pools({ pools, until }) {
  if (!pools || pools.length < 2) return null;
  return html`<details class="pools">
    <summary>${t('seats.pools')}</summary>
    <table>
      <thead><tr><th scope="col">${t('seats.pool')}</th><th scope="col" class="num">${t('seats.left_short')}</th><th scope="col" class="num">${t('seats.capacity')}</th></tr></thead>
      <tbody>
        ${pools.map(
          (pool) => html`<tr key=${pool.pool}><td>${pool.name || t('seats.general')}</td><td class="num">${pool.seats_left ?? '—'}</td><td class="num">${pool.capacity}</td></tr>`,
        )}
      </tbody>
    </table>
    ${until && html`<p class="hint">${t('seats.reserved_until', { when: moment(until) })}</p>`}
  </details>`;
}

/** For whom; names are looked up only where somebody is left out. */
function ForWhom({ restriction }) {
  const mode = restriction?.mode ?? 'none';
  const load = useLoad(async () => mode !== 'none' && loadModule('parts/for-whom.js'), [mode]);
  return load.data ? html`<${load.data.ForWhom} restriction=${restriction} />` : t(`lecture.restriction_${mode}`);
}

/** @param {{ lecture: any }} props */
export function SeatSheet({ lecture }) {
  return html`<section class="sheet">
    <h2>${t('lecture.booking')}</h2>
    <dl class="pairs">
      <div><dt>${t('lecture.opens')}</dt><dd>${moment(lecture.opens_at)}</dd></div>
      <div><dt>${t('lecture.closes')}</dt><dd>${moment(lecture.closes_at)}</dd></div>
      <div><dt>${t('seats.capacity')}</dt><dd>${number(lecture.capacity)}</dd></div>
      <div><dt>${t('seats.waitlist')}</dt><dd>${lecture.waitlist_capacity ? t('seats.waiting_of', { n: lecture.waiting ?? 0, capacity: lecture.waitlist_capacity }) : t('seats.no_waitlist')}</dd></div>
      <div><dt>${t('lecture.for_whom')}</dt><dd><${ForWhom} restriction=${lecture.restriction} /></dd></div>
    </dl>
    <${Pools} pools=${lecture.pools} until=${lecture.reserved_until} />
  </section>`;
}
