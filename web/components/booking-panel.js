// The seat: countdown, button, and one place where the truth is told.
import { html, useEffect, useMemo, useRef, useState } from '../vendor/ui.js';
import { api } from '../lib/api.js';
import { session } from '../lib/auth.js';
import { createBooking } from '../lib/booking.js';
import { heldIntent } from '../lib/intents.js';
import { isActive, isSettled, later } from '../lib/claims.js';
import { at, now, sync, tick } from '../lib/clock.js';
import { because } from '../lib/errors.js';
import { epoch, moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePolling } from '../lib/poll.js';
import { onEvent } from '../lib/socket.js';
import { listen } from '../lib/tabs.js';
import { Confirm } from './dialog.js';
import { AsOf } from './as-of.js';
import { Countdown } from './countdown.js';
import { SeatBar, SeatLine, counted } from './lecture.js';
import { Outcome } from './outcome.js';

// A press in the first instants may reach the server a breath too early; it is asked again this often.
const EARLY_TRIES = 3;
const EARLY_WITHIN = 4000;
// A fresh decision is not overruled by a standing that was read before it.
const GRACE = 10000;

/** What the server says about this student and this lecture, kept current. */
function useStanding(lecture, claimant) {
  const [standing, setStanding] = useState(null);
  const fresh = useRef({ at: -GRACE, claim: null });
  const load = async () => {
    const { data } = await api(`/api/lectures/${lecture.id}/standing`);
    setStanding((old) => {
      const known = performance.now() - fresh.current.at < GRACE ? fresh.current.claim : (old?.claim ?? null);
      if (!data.claim) return { ...data, claim: known && performance.now() - fresh.current.at < GRACE && isActive(known.state) ? known : null };
      return { ...data, claim: later(known, data.claim) };
    });
  };
  const learn = (claim) => {
    if (claim.action === 'cancel') return;
    fresh.current = { at: performance.now(), claim };
    setStanding((old) => ({ eligible: true, reason: null, can_cancel: isActive(claim.state), ...old, claim: later(old?.claim ?? null, claim) }));
  };
  const forget = () => (fresh.current = { at: -GRACE, claim: null });
  useEffect(() => {
    if (claimant) load().catch(() => {});
  }, [claimant, lecture.id]);
  usePolling(load, () => (claimant ? (standing?.claim?.state === 'waitlisted' || !standing ? 12000 : 45000) : 0), [claimant]);
  return { standing, load: () => load().catch(() => {}), learn, forget };
}

/** What the main button says and whether it may be pressed now. */
function buttonFor({ lecture, phase, standing, user, claimant, held }) {
  if (!user && session.value.state !== 'anonymous') return { label: t('book.now'), why: t('session.checking') };
  if (!user) return { label: t(held ? 'session.sign_in_again' : 'book.sign_in'), href: `/login?next=${encodeURIComponent(`/lectures/${lecture.id}`)}` };
  if (!claimant) return { label: t('book.now'), why: t('book.students_only') };
  if (standing && !standing.eligible) return { label: t('book.now'), why: t('book.not_eligible', { reason: because(standing.reason) }) };
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
    <p><${SeatLine} lecture=${lecture} /></p>
    <${SeatBar} lecture=${lecture} />
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
 * @param {{ lecture: any, phase: string, reload: () => Promise<void>, setLecture: (change: (old: any) => any) => void }} props
 */
export function BookingPanel({ lecture, phase, reload, setLecture }) {
  const { user } = session.value;
  const claimant = Boolean(user?.permissions?.includes('claims:own'));
  const { standing, load, learn, forget } = useStanding(lecture, claimant);
  const [asking, setAsking] = useState(false);
  const early = useRef(0);
  const [, redraw] = useState(0);

  const booking = useMemo(() => {
    if (!claimant) return null;
    const address = `/api/lectures/${lecture.id}/bookings`;
    return createBooking({
      kind: 'lecture',
      offering: lecture.id,
      user: user.id,
      path: { book: ['POST', address], cancel: ['DELETE', `${address}/mine`] },
      onSettled: (claim, error) => settled(claim, error),
    });
  }, [claimant, lecture.id]);

  function settled(claim, error) {
    if (claim?.action === 'cancel') forget();
    else if (claim) learn(claim);
    if (error?.code === 'not_open' && now() - epoch(lecture.opens_at) < EARLY_WITHIN && early.current < EARLY_TRIES) {
      early.current += 1;
      sync();
      setTimeout(() => booking.press('book'), 250 + Math.random() * 500);
      return;
    }
    load();
    reload().catch(() => {});
  }

  useEffect(() => {
    booking?.resume();
    return () => booking?.close();
  }, [booking]);
  useEffect(() => {
    if (standing?.claim && !isSettled(standing.claim.state)) booking?.watch(standing.claim);
  }, [standing?.claim?.claim_id, standing?.claim?.state]);
  // A new look at the clock shortly before the opening, spread so that not everybody asks at once.
  useEffect(() => at(epoch(lecture.opens_at) - 15000 - Math.random() * 40000, () => now() < epoch(lecture.opens_at) && sync()), [lecture.opens_at]);
  useEffect(() => at(epoch(lecture.opens_at), () => redraw((n) => n + 1)), [lecture.opens_at]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === 'offering' && String(event.offering_id) === lecture.id) {
          setLecture((old) => counted(old, event));
        }
        if (event.type === 'claim' && String(event.claim?.offering_id) === lecture.id) load();
        if (event.type === 'live') {
          load();
          reload().catch(() => {});
        }
      }),
    [lecture.id],
  );

  // What another tab of this person has learnt.
  useEffect(
    () =>
      listen('claim', (claim) => {
        if (String(claim?.offering_id) !== lecture.id) return;
        if (claim.action === 'cancel') forget();
        else if (isSettled(claim.state)) learn(claim);
        load();
      }),
    [lecture.id],
  );

  // The sign-in ended while a request was under way: it waits here, and goes on with its key after signing in.
  const held = session.value.state === 'anonymous' && heldIntent('lecture', lecture.id);
  const view = booking?.view.value ?? { phase: held ? 'signed-out' : 'idle' };
  const busy = !['idle', 'done', 'refused', 'signed-out'].includes(view.phase);
  const claim = standing?.claim ?? null;
  const holds = claim && isActive(claim.state) && isSettled(claim.state);
  const offer = buttonFor({ lecture, phase, standing, user, claimant, held });
  const press = (action) => {
    early.current = 0;
    booking.press(action);
  };
  return html`<section class="panel" aria-label=${t('lecture.booking')} data-busy=${busy ? '' : undefined}>
    ${phase === 'upcoming' && html`<${Countdown} to=${epoch(lecture.opens_at)} label=${t('lecture.until_opening')} />`}
    ${phase === 'open' && !holds && html`<p class="panel-until">${t('lecture.open_until', { when: moment(lecture.closes_at) })}</p>`}
    <div role="status" class="outcome-region"><${Outcome} view=${view} claim=${claim} now=${busy ? tick.value : 0} /></div>
    ${!busy && !holds && html`<${Action} offer=${offer} onPress=${() => press('book')} />`}
    ${!busy && holds && html`<${Holding} claim=${claim} canCancel=${standing.can_cancel} onCancel=${() => setAsking(true)} />`}
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
