// What the list of a course's sections does not carry: who is kept out, and why; and for whom seats are reserved.
import { html } from '../vendor/ui.js';
import { Pools } from '../components/seat-sheet.js';
import { t } from '../lib/i18n.js';
import { ForWhom } from './for-whom.js';

/** @param {{ section: any }} props as `GET /api/sections/{id}` tells it */
export function SectionDetails({ section }) {
  const { restrictions, pools, reserved_until } = section;
  return html`${
    restrictions.length
      ? html`<ul class="restrictions">${restrictions.map((one, i) => html`<li key=${i}><${ForWhom} restriction=${one} />${one.reason && html`<span class="hint"> ${one.reason}</span>`}</li>`)}</ul>`
      : html`<p class="hint">${t('section.for_all')}</p>`
  }<${Pools} pools=${pools} until=${reserved_until} />`;
}
