// The time until the opening, by the server's clock.
import { html } from '../vendor/ui.js';
import { skew, synced, tick } from '../lib/clock.js';
import { split } from '../lib/format.js';
import { t } from '../lib/i18n.js';

// Below this a wrong phone clock is not worth a word.
const WORTH_SAYING = 5000;

/** @param {{ to: number, label: string }} props */
export function Countdown({ to, label }) {
  const { days, clock } = split(to - tick.value);
  return html`<div class="countdown">
    <p class="countdown-label">${label}</p>
    <p class="countdown-time" role="timer" aria-live="off">${days > 0 && html`<span class="countdown-days">${t('time.days', { n: days })}</span>`}<span>${clock}</span></p>
    <p class="hint">${!synced.value ? t('clock.unknown') : Math.abs(skew.value) > WORTH_SAYING ? t('clock.skewed') : t('clock.campus')}</p>
  </div>`;
}
