// A ledger of claims: each with its time, number, outcome and reason. Of lectures and of sections alike.
import { html } from '../vendor/ui.js';
import { api } from '../lib/api.js';
import { useClaimEvents } from '../lib/claim-events.js';
import { isSettled } from '../lib/claims.js';
import { because } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { ClaimBadge } from './badge.js';
import { Loaded, More } from './feedback.js';

const LIMIT = 30;

function Entry({ claim, href, children }) {
  const title = href ? html`<a class="cover" href=${href}>${claim.offering_title}</a>` : claim.offering_title;
  return html`<li class="entry">
    <div class="entry-time"><span>${format(claim.admitted_at, 'date')}</span><span class="num">${format(claim.admitted_at, 'clock')}</span></div>
    <div class="entry-main">
      <h2>${title}</h2>
      <p class="meta">
        <span>${claim.kind === 'section' ? t(`log.${claim.action}`) : t(`claims.${claim.action}`)}</span>
        ${claim.sequence ? html`<span>${t('claim.sequence')} <span class="num">${claim.sequence}</span></span>` : null}
        ${claim.decided_at && html`<span>${t('claim.decided', { time: format(claim.decided_at, 'clock') })}</span>`}
      </p>
      ${claim.reason && html`<p class="reason">${because(claim.reason, claim.kind)}</p>`}
    </div>
    <div class="entry-end"><${ClaimBadge} claim=${claim} />${children}</div>
  </li>`;
}

/** @param {{ kind: string, hrefOf: (claim: any) => string | null, none: any, children?: (claim: any) => any }} props children: what stands at a claim's end */
export function Ledger({ kind, hrefOf, none, children }) {
  const load = usePaged(api, `/api/me/claims?kind=${kind}&limit=${LIMIT}`, { id: 'claim_id', limit: LIMIT, every: (data) => (data.items.some((claim) => !isSettled(claim.state)) ? 2500 : 30000) });
  useClaimEvents(kind, () => load.again().catch(() => {}));
  return html`<${Loaded} load=${load} rows=${4}>
    ${(data) => (data.items.length === 0 ? none : html`<ol class="ledger">${data.items.map((claim) => html`<${Entry} key=${claim.claim_id} claim=${claim} href=${hrefOf(claim)}>${children?.(claim)}<//>`)}</ol><${More} more=${load.more} />`)}
  <//>`;
}
