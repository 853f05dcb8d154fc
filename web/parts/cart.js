// Sending the whole plan by one press, and what came of each course. Never optimistic: only a seat is green.
import { html, useEffect, useMemo } from '../vendor/ui.js';
import { OperationNumber } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { KIND, cartOf } from '../lib/cart.js';
import { tone } from '../lib/claims.js';
import { now, tick } from '../lib/clock.js';
import { because, explain, whyNot } from '../lib/errors.js';
import { epoch, moment } from '../lib/format.js';
import { has, t } from '../lib/i18n.js';
import { lotText } from '../lib/lots.js';
import { phaseOf, stopped, useTurn } from '../lib/rounds.js';
import { useBooking } from '../lib/use-booking.js';
import { createBooking } from './booking.js';

const SLOW_AFTER = 5000;

/** What stands against a planned section. @param {{ problems: any[] }} props */
export function Problems({ problems }) {
  if (!problems.length) return null;
  return html`<ul class="problems">${problems.map((problem, i) => html`<li key=${i}><${Icon} name="alert" />${whyNot(problem)}</li>`)}</ul>`;
}

/** What came of one line of the cart. @param {{ line: any }} props */
export function Result({ line }) {
  if (line.state === 'refused') return html`<span class="badge" data-tone="bad">${t(line.problem?.code === 'sold_out' ? 'outcome.full' : 'plan.refused')}</span><p class="reason">${line.problem && whyNot(line.problem)}</p>`;
  const at = line.state === 'waitlisted' && line.position;
  const own = `enrol.badge_${line.state}`;
  const text = at ? t('claim.waitlisted_at', { position: line.position }) : line.reason === 'sold_out' ? t('outcome.full') : t(has(own) ? own : `claim.${line.state}`);
  return html`<span class="badge" data-tone=${tone(line.state)}>${text}</span>${line.reason && html`<p class="reason">${because(line.reason, 'section')}</p>`}`;
}

/** The one place where the state of the whole cart is told. */
function Told({ view, round }) {
  const { phase, claim, error } = view;
  const box = (colour, title, text) => html`<div class="outcome" data-tone=${colour}>${colour === 'busy' && html`<span class="spinner" aria-hidden="true"></span>`}<div><p class="outcome-title">${title}</p>${text && html`<p>${text}</p>`}<${OperationNumber} error=${error} /></div></div>`;
  if (phase === 'idle') return null;
  if (phase === 'refused') return box('bad', t('outcome.refused'), explain(error, 'section'));
  if (phase === 'signed-out') return box('warn', t('outcome.signed_out'), t('outcome.signed_out_text'));
  if (phase === 'throttled') return box('busy', t('outcome.throttled'), t('outcome.throttled_text', { n: Math.max(1, Math.ceil((view.until - now()) / 1000)) }));
  if (phase === 'unknown') return box('warn', t('outcome.unknown'), t('enrol.unknown_text'));
  if (phase === 'sending') return box('busy', t('outcome.sending'), t('enrol.sending_text'));
  const lines = claim?.lines ?? [];
  const won = lines.filter((line) => line.state === 'confirmed').length;
  if (phase === 'pending') return box('busy', t('plan.pending', { n: lines.length }), lotText(round, lines.find((line) => line.state === 'pending')?.admitted_at) || t(tick.value - view.since > SLOW_AFTER ? 'outcome.slow' : 'outcome.pending_text'));
  const line = lines.filter((one) => one.state === 'waitlisted').length;
  return box(won === lines.length ? 'good' : 'calm', t('plan.result', { won, line, n: lines.length }), t('plan.result_text'));
}

/** Why the plan cannot be sent now; '' when it can. */
function barrier({ round, my, count }) {
  if (!count) return t('plan.nothing');
  const phase = phaseOf(round, now());
  if (phase === 'none') return t('round.none_text');
  if (phase === 'closed') return t('why.closed');
  if (round.mode === 'lottery') return t('why.wishes_only');
  if (my === undefined) return t('enrol.checking');
  if (my?.hold) return t('why.on_hold', { hold: my.hold });
  const opens = my?.not_before && epoch(my.not_before) > epoch(round.opens_at) ? my.not_before : round.opens_at;
  if (epoch(opens) > now()) return t('enrol.not_yet', { when: moment(opens) });
  return round.frozen ? stopped(round) : '';
}

/**
 * @param {{ round: any, my: any, wanted: string[], onSent: (sent: { busy: boolean, lines: any[] }) => void, reload: () => void }} props
 */
export function Cart({ round, my, wanted, onSent, reload }) {
  const id = round?.id ?? '';
  const more = useMemo(() => cartOf(id), [id]);
  const { view, busy, press } = useBooking({ make: createBooking, kind: KIND, offering: id, claimant: Boolean(round), path: { book: ['POST', `/api/rounds/${id}/carts`] }, opensAt: round?.opens_at ?? null, claim: null, more, settled: reload });
  useTurn(my?.not_before);
  useTurn(round?.opens_at);
  useEffect(() => onSent({ busy, lines: view.claim?.lines ?? [] }), [busy, view.claim]);
  const why = barrier({ round, my, count: wanted.length });
  return html`<div role="status" class="outcome-region"><${Told} view=${view} round=${round} now=${busy ? tick.value : 0} /></div>
    ${!busy && html`<button type="button" class="primary big" aria-disabled=${why ? 'true' : undefined} aria-describedby="cart-why" onClick=${() => why || press('book', { sections: wanted })}>${t('plan.submit', { n: wanted.length })}</button>
      <p class="hint" id="cart-why">${why || t('plan.submit_text')}</p>`}`;
}
