// The round of course selection that is open or comes next.
import { html } from '../vendor/ui.js';
import { tick } from '../lib/clock.js';
import { epoch, moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { current } from '../lib/router.js';
import { phaseOf, stopped, useTurn } from '../lib/rounds.js';
import { Countdown } from './countdown.js';

/** @param {{ round: any, mine?: any }} props mine: this student's own part of it (time ticket, hold) */
export function RoundBanner({ round, mine }) {
  const phase = phaseOf(round, tick.value);
  useTurn(round?.opens_at);
  if (!round) return html`<p class="round" data-phase="none">${t('round.none_text')}</p>`;
  const opens = mine?.not_before && epoch(mine.not_before) > epoch(round.opens_at) ? mine.not_before : round.opens_at;
  const wishes = `/rounds/${round.id}/wishes`;
  const waiting = epoch(opens) > tick.value && phase !== 'closed';
  return html`<section class="round" data-phase=${phase} aria-label=${t('round.title', { n: round.round_no })}>
    <div>
      <p class="eyebrow">${t('round.title', { n: round.round_no })} · ${t(`round.mode_${round.mode}`)}</p>
      <p class="round-when">${waiting ? t('round.opens', { when: moment(opens) }) : phase === 'open' ? t('round.open_until', { when: moment(round.closes_at) }) : t('round.closed', { when: moment(round.closes_at) })}</p>
      ${round.tips && html`<p class="hint">${round.tips}</p>`}
      ${round.frozen && html`<p class="reason">${stopped(round)}</p>`}
      ${mine?.hold && html`<p class="reason">${t('why.on_hold', { hold: mine.hold })}</p>`}
      ${round.mode === 'lottery' && phase !== 'closed' && current.value?.path !== wishes && html`<p class="actions"><a class="button" href=${wishes}>${t('wish.go')}</a></p>`}
    </div>
    ${waiting && html`<${Countdown} to=${epoch(opens)} label=${t('round.until_opening')} />`}
  </section>`;
}
