// My bookings: a ledger of every claim of a lecture.
import { html } from '../vendor/ui.js';
import { Empty } from '../components/feedback.js';
import { Ledger } from '../components/ledger.js';
import { t } from '../lib/i18n.js';

function View() {
  const none = html`<${Empty} title=${t('claims.none')} text=${t('claims.none_text')}><a class="button primary" href="/lectures">${t('home.browse')}</a><//>`;
  return html`<header class="page-head"><h1>${t('claims.title')}</h1><p class="lead">${t('claims.lead')}</p></header>
    <${Ledger} kind="lecture" hrefOf=${(claim) => `/lectures/${claim.offering_id}`} none=${none}>
      ${(claim) => claim.action === 'book' && claim.state === 'confirmed' && html`<a class="above" href=${`/tickets/${claim.claim_id}`}>${t('book.ticket')}</a>`}
    <//>`;
}

export const page = { view: View, needs: 'claims:own' };
