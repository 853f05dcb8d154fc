// What came of a request that was sent from a form: the one place of the form where that is said.
import { html } from '../vendor/ui.js';
import { explain } from '../lib/errors.js';
import { OperationNumber } from './feedback.js';

/** @param {{ error?: any, done?: string | null, children?: any }} props children: what more there is to say to an error */
export function Answer({ error, done, children }) {
  return html`<div role="status" class="answer">
    ${error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(error)}</p>${children}<${OperationNumber} error=${error} /></div></div>`}
    ${done && !error && html`<div class="outcome" data-tone="good"><div><p class="outcome-title">${done}</p></div></div>`}
  </div>`;
}
