// The seat: countdown, button, and one place where the truth is told.
import { html, useEffect, useState } from '../vendor/ui.js';
import { api } from '../lib/api.js';
import { session } from '../lib/auth.js';
import { isActive, isSettled } from '../lib/claims.js';
import { at, now, sync, tick } from '../lib/clock.js';
import { because } from '../lib/errors.js';
import { epoch, moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLateBooking } from '../lib/late-booking.js';
import { onEvent } from '../lib/socket.js';
import { useStandings } from '../lib/standings.js';
import { usePart } from '../lib/use-part.js';
import { Confirm } from './dialog.js';
import { AsOf } from './as-of.js';
import { Countdown } from './countdown.js';
import { SeatBar, SeatLine, counted } from './seats.js';
import { Outcome } from './outcome.js';

async function readStanding([id]) {
  const { data } = await api(`/api/lectures/${id}/standing`);
  return { [id]: data };
}

/** What the main button says and whether it may be pressed now. */
function buttonFor({ lecture, phase, standing, user, claimant, held }) {
  if (!user && session.value.state !== 'anonymous') return { label: t('book.now'), why: t('session.checking') };
  if (!user) return { label: t(held ? 'session.sign_in_again' : 'book.sign_in'), href: `/login?next=${encodeURIComponent(`/lectures/${lecture.id}`)}` };
  if (!claimant) return { label: t('book.now'), why: t('book.students_only') };
  const barred = standing?.eligible === false ? standing.reason : standing?.quota?.reason;
  if (barred) return { label: t('book.now'), why: t('book.not_eligible', { reason: because(barred) }) };
  if (phase === 'upcoming') return { label: t('book.now'), why: t('book.not_yet', { when: moment(lecture.opens_at) }) };
  if (lecture.frozen && phase === 'open') return { label: t('book.now'), why: t('error.frozen') };
  if (phase !== 'open') return { label: t('book.now'), why: t(`book.${phase}`) };
  const full = lecture.seats_left !== null && lecture.seats_left <= 0;
  const room = lecture.waitlist_capacity > (lecture.waiting ?? 0);
  if (full && lecture.waitlist_capacity > 0) return { label: t('book.join_line'), press: true, note: room ? t('book.line_note') : t('book.line_full') };
  // Seats may come back at any moment, so a full lecture can be asked for all the same.
  return { label: t('book.now'), press: true, note: full ? t('book.full_note') : '' };
}

function Seats({ lecture, phase }) {
  if (phase === 'past' || phase === 'cancelled' || phase === 'draft') return null;
  return html`<div class="panel-seats">
    <p><${SeatLine} offering=${lecture} /></p>
    <${SeatBar} offering=${lecture} />
    <${AsOf} when=${lecture.seats_as_of} />
  </div>`;
}

function Action({ offer, onPress }) {
  if (offer.href) return html`<a class="button primary big" href=${offer.href}>${offer.label}</a>`;
  const barred = !offer.press;
  return html`<button type="button" class="primary big" aria-disabled=${barred ? 'true' : undefined}
      aria-describedby="book-why" onClick=${() => barred || onPress()}>${offer.label}</button>
    <p class="hint" id="book-why">${offer.why ?? offer.note ?? ''}</p>`;
}

/**
 * @param {{ lecture: any, phase: string, reload: () => void, setLecture: (change: (old: any) => any) => void }} props
 */
export function BookingPanel({ lecture, phase, reload, setLecture }) {
  const { user } = session.value;
  const claimant = Boolean(user?.permissions?.includes('claims:own'));
  const { of, load, settle } = useStandings({ ids: [lecture.id], kind: 'lecture', ask: readStanding, claimant });
  const standing = of(lecture.id);
  const claim = standing?.claim ?? null;
  const { module: beside } = usePart(claimant ? 'parts/overlaps.js' : null, false, 'overlaps');
  const [asking, setAsking] = useState(false);
  const [, redraw] = useState(0);
  const address = `/api/lectures/${lecture.id}/bookings`;
  const path = { book: ['POST', address], cancel: ['DELETE', `${address}/mine`] };
  const { view, busy, held, press } = useLateBooking({ kind: 'lecture', offering: lecture.id, claimant, path, opensAt: lecture.opens_at, claim, settled });

  function settled(decided) {
    if (decided) settle(decided);
    load();
    reload();
  }

  // A new look at the clock shortly before the opening, spread so that not everybody asks at once.
  useEffect(() => at(epoch(lecture.opens_at) - 15000 - Math.random() * 40000, () => now() < epoch(lecture.opens_at) && sync()), [lecture.opens_at]);
  useEffect(() => at(epoch(lecture.opens_at), () => redraw((n) => n + 1)), [lecture.opens_at]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === 'offering' && String(event.offering_id) === lecture.id) {
          setLecture((old) => counted(old, event));
        }
        if (event.type === 'live') reload();
      }),
    [lecture.id],
  );

  const holds = claim && isActive(claim.state) && isSettled(claim.state);
  const offer = buttonFor({ lecture, phase, standing, user, claimant, held });
  return html`<section class="panel" aria-label=${t('lecture.booking')} data-busy=${busy ? '' : undefined}>
    ${phase === 'upcoming' && html`<${Countdown} to=${epoch(lecture.opens_at)} label=${t('lecture.until_opening')} />`}
    ${phase === 'open' && !holds && html`<p class="panel-until">${t('lecture.open_until', { when: moment(lecture.closes_at) })}</p>`}
    <div role="status" class="outcome-region"><${Outcome} view=${view} claim=${claim} now=${busy ? tick.value : 0} /></div>
    ${!busy && !holds && html`<${Action} offer=${offer} onPress=${() => press('book')} />`}
    ${!busy && holds && html`<${Holding} claim=${claim} canCancel=${standing.can_cancel} onCancel=${() => setAsking(true)} />`}
    ${standing?.quota?.limit > 0 && html`<p class="hint">${t('book.quota', standing.quota)}</p>`}
    ${beside && html`<${beside.Overlaps} lecture=${lecture} phase=${phase} />`}
    <${Seats} lecture=${lecture} phase=${phase} />
    <${Confirm} open=${asking} danger title=${t(claim?.state === 'waitlisted' ? 'cancel.title_line' : 'cancel.title')} text=${t(claim?.state === 'waitlisted' ? 'cancel.text_line' : 'cancel.text')}
      confirm=${t(claim?.state === 'waitlisted' ? 'cancel.confirm_line' : 'cancel.confirm')} onConfirm=${() => press('cancel')} onClose=${() => setAsking(false)} />
  </section>`;
}

function Holding({ claim, canCancel, onCancel }) {
  return html`<p class="actions stack">
    ${claim.state === 'confirmed' && html`<a class="button big" href=${`/tickets/${claim.claim_id}`}>${t('book.ticket')}</a>`}
    ${canCancel ? html`<button type="button" class="quiet danger-text" onClick=${onCancel}>${t(claim.state === 'waitlisted' ? 'cancel.leave_line' : 'cancel.open')}</button>` : html`<span class="hint">${t('cancel.too_late')}</span>`}
  </p>`;
}
