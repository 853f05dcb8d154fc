// When the seats were counted, on pages that hear of changes: said when they have to ask for them instead.
import { html } from '../vendor/ui.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { lost } from '../lib/socket.js';

/** @param {{ when: string | null | undefined }} props */
export function AsOf({ when }) {
  return html`<p class="hint as-of"><span>${t('seats.as_of', { time: format(when ?? null, 'clock') })}</span>${lost.value && html`<span class="line-lost">${t('live.lost')}</span>`}</p>`;
}
