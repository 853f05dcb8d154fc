// The one sentence that matters: what is known about the claim just now. Only a confirmed seat is green.
import { html } from '../vendor/ui.js';
import { tone } from '../lib/claims.js';
import { now } from '../lib/clock.js';
import { because, explain } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { has, t } from '../lib/i18n.js';
import { Icon } from './icons.js';
import { OperationNumber } from './feedback.js';

const SLOW_AFTER = 5000;

/** The words of an outcome; choosing sections has some of its own. @param {string | undefined} kind */
const words = (kind) => (key, values) => t(kind === 'section' && has(`enrol.${key}`) ? `enrol.${key}` : `outcome.${key}`, values);

function Box({ colour, title, text, children, spin }) {
  return html`<div class="outcome" data-tone=${colour}>
    ${spin ? html`<span class="spinner" aria-hidden="true"></span>` : colour === 'good' && html`<span class="outcome-mark"><${Icon} name="check" /></span>`}
    <div><p class="outcome-title">${title}</p>${text && html`<p>${text}</p>`}${children}</div>
  </div>`;
}

function Running({ view, kind, note }) {
  const say = words(kind);
  const cancel = view.action === 'cancel' ? '_cancel' : '';
  if (view.phase === 'throttled') {
    const seconds = Math.max(1, Math.ceil((view.until - now()) / 1000));
    // Pressed a moment ago, or everybody presses: two things to know, one thing to do, which is nothing.
    const known = `outcome.throttled_${view.error?.data.scope}`;
    const title = has(known) ? known : 'outcome.throttled';
    return html`<${Box} spin colour="busy" title=${t(title)} text=${t(`${title}_text`, { n: seconds })}><${OperationNumber} error=${view.error} /><//>`;
  }
  if (view.phase === 'unknown') {
    return html`<${Box} spin colour="warn" title=${t('outcome.unknown')} text=${say(`unknown_text${cancel}`)}><${OperationNumber} error=${view.error} /><//>`;
  }
  const slow = now() - view.since > SLOW_AFTER;
  const text = view.error?.status === 0 ? t('outcome.offline') : note && view.phase === 'pending' ? note : slow ? t('outcome.slow') : say(`${view.phase}_text`);
  const sequence = view.claim?.sequence;
  return html`<${Box} spin colour="busy" title=${say(`${view.phase}${cancel}`)} text=${text}>
    ${sequence ? html`<p class="hint">${t('claim.sequence')} <span class="num">${sequence}</span></p>` : null}
  <//>`;
}

function Stands({ claim, kind }) {
  const say = words(kind);
  if (claim.state === 'confirmed') {
    const detail = say('confirmed_text', { time: format(claim.decided_at, 'clock') });
    return html`<${Box} colour="good" title=${say('confirmed')} text=${detail} />`;
  }
  const place = claim.position ? t('outcome.waitlisted_at', { position: claim.position }) : t('outcome.waitlisted');
  return html`<${Box} colour="warn" title=${place} text=${t('outcome.waitlisted_text')} />`;
}

function Ended({ claim, kind }) {
  if (claim.state === 'rejected') {
    const full = claim.reason === 'sold_out' || claim.reason === 'full';
    return html`<${Box} colour=${tone('rejected')} title=${words(kind)(full ? 'full' : 'rejected')} text=${because(claim.reason, kind)} />`;
  }
  if (claim.state === 'cancelled' || claim.state === 'expired') return html`<${Box} colour="calm" title=${words(kind)(claim.state)} text=${because(claim.reason, kind)} />`;
  return null;
}

function Refused({ error, kind }) {
  const title = error.code === 'sold_out' ? t('outcome.full') : t('outcome.refused');
  return html`<${Box} colour="bad" title=${title} text=${explain(error, kind)}><${OperationNumber} error=${error} /><//>`;
}

/**
 * @param {{ view: import('../lib/booking.js').View, claim: import('../lib/claims.js').Claim | null, now: number,
 *   kind?: string, note?: string }} props
 *   claim: what stands in the database; now: makes it drawn anew every second while busy; note: what it waits for, when that is known
 */
export function Outcome({ view, claim, kind, note }) {
  const { phase } = view;
  const say = words(kind);
  if (phase === 'signed-out') return html`<${Box} colour="warn" title=${t('outcome.signed_out')} text=${t('outcome.signed_out_text')} />`;
  if (!['idle', 'done', 'refused'].includes(phase)) return html`<${Running} view=${view} kind=${kind} note=${note} />`;
  const stands = claim && (claim.state === 'confirmed' || claim.state === 'waitlisted');
  const cancelFailed = phase === 'refused' ? view.error : view.claim?.action === 'cancel' && view.claim.state === 'rejected' ? view.claim : null;
  if (stands && cancelFailed && view.action === 'cancel') {
    const why = cancelFailed.reason ? because(cancelFailed.reason, kind) : explain(cancelFailed, kind);
    return html`<${Box} colour="bad" title=${say('cancel_failed')} text=${why} /><${Stands} claim=${claim} kind=${kind} />`;
  }
  if (stands) return html`<${Stands} claim=${claim} kind=${kind} />`;
  if (phase === 'refused') return html`<${Refused} error=${view.error} kind=${kind} />`;
  if (view.claim?.action === 'cancel') return html`<${Box} colour="calm" title=${say('cancelled')} text=${say('cancelled_text')} />`;
  const ended = view.claim ?? claim;
  return ended ? html`<${Ended} claim=${ended} kind=${kind} />` : null;
}
