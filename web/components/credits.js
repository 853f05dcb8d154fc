// Credits of the term: what is held, what is planned or waited for, and the limit.
import { html } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';

/** @param {{ credits: { limit: number, used: number, planned?: number, waiting?: number } }} props */
export function Credits({ credits }) {
  const { limit, used, planned = 0, waiting = 0 } = credits;
  const more = planned || waiting;
  const share = (part) => ({ inlineSize: `${limit ? Math.min(100, (part / limit) * 100) : 0}%` });
  const over = used + planned > limit;
  return html`<div class="credits" data-over=${over ? '' : undefined}>
    <p><b>${t('credits.used', { used, limit })}</b>${planned > 0 && html` <span>${t('credits.planned', { planned })}</span>`}${waiting > 0 && html` <span>${t('credits.waiting', { waiting })}</span>`}</p>
    <span class="credit-bar" aria-hidden="true"><span style=${share(used)}></span>${more > 0 && html`<span class="more-credits" style=${share(more)}></span>`}</span>
    ${over && html`<p class="field-error">${t('credits.over')}</p>`}
  </div>`;
}
