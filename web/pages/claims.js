// My bookings: a ledger of every claim, its time, number, outcome and reason.
import { html, useEffect, useRef } from '../vendor/ui.js';
import { ClaimBadge } from '../components/badge.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { api } from '../lib/api.js';
import { isSettled } from '../lib/claims.js';
import { because } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { onEvent } from '../lib/socket.js';
import { listen } from '../lib/tabs.js';

const LIMIT = 30;

function Entry({ claim }) {
  return html`<li class="entry">
    <div class="entry-time"><span>${format(claim.admitted_at, 'date')}</span><span class="num">${format(claim.admitted_at, 'clock')}</span></div>
    <div class="entry-main">
      <h2><a class="cover" href=${`/lectures/${claim.offering_id}`}>${claim.offering_title}</a></h2>
      <p class="meta">
        <span>${t(`claims.${claim.action}`)}</span>
        ${claim.sequence ? html`<span>${t('claim.sequence')} <span class="num">${claim.sequence}</span></span>` : null}
        ${claim.decided_at && html`<span>${t('claims.decided', { time: format(claim.decided_at, 'clock') })}</span>`}
      </p>
      ${claim.reason && html`<p class="reason">${because(claim.reason)}</p>`}
    </div>
    <div class="entry-end"><${ClaimBadge} claim=${claim} />
      ${claim.action === 'book' && claim.state === 'confirmed' && html`<a class="above" href=${`/tickets/${claim.claim_id}`}>${t('book.ticket')}</a>`}</div>
  </li>`;
}

function View() {
  const load = usePaged(api, `/api/me/claims?limit=${LIMIT}`, { id: 'claim_id', limit: LIMIT, every: (data) => (data.items.some((claim) => !isSettled(claim.state)) ? 2500 : 30000) });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const refresh = () => latest.current.again().catch(() => {});
    const ends = [onEvent((event) => ['claim', 'live'].includes(event.type) && refresh()), listen('claim', refresh)];
    return () => ends.forEach((end) => end());
  }, []);
  return html`<header class="page-head"><h1>${t('claims.title')}</h1><p class="lead">${t('claims.lead')}</p></header>
    <${Loaded} load=${load} rows=${4}>
      ${(data) =>
        data.items.length === 0
          ? html`<${Empty} title=${t('claims.none')} text=${t('claims.none_text')}><a class="button primary" href="/lectures">${t('home.browse')}</a><//>`
          : html`<ol class="ledger">${data.items.map((claim) => html`<${Entry} key=${claim.claim_id} claim=${claim} />`)}</ol>
              <${More} more=${load.more} />`}
    <//>`;
}

export const page = { view: View, needs: 'claims:own' };
