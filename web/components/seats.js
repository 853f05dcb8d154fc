// Seats in words and as a bar, of lectures and sections alike, and when they were counted.
import { html } from '../vendor/ui.js';
import { epoch, format, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

/** An offering with newly counted seats; an older count changes nothing. @param {any} offering @param {any} event */
export function counted(offering, event) {
  if (epoch(event.as_of) < epoch(offering.seats_as_of ?? 0)) return offering;
  return { ...offering, seats_left: event.seats_left, waiting: event.waiting, seats_as_of: event.as_of };
}

/** @param {{ offering: any }} props */
export function SeatLine({ offering }) {
  const left = offering.seats_left;
  if (left === null || left === undefined) return html`<span class="seats muted">${t('seats.unknown')}</span>`;
  if (left <= 0) {
    const room = offering.waitlist_capacity > offering.waiting;
    return html`<span class="seats">${t(room ? 'seats.full_waitlist' : 'seats.full', { n: number(offering.waiting) })}</span>`;
  }
  return html`<span class="seats">${t('seats.left', { left: number(left), capacity: number(offering.capacity) })}</span>`;
}

/** When the seats of a list were counted: the oldest of them. @param {{ offerings: any[] }} props */
export function Counted({ offerings }) {
  const oldest = offerings.map((offering) => offering.seats_as_of).filter(Boolean).sort()[0];
  return oldest ? html`<p class="hint">${t('seats.as_of', { time: format(oldest, 'clock') })}</p>` : null;
}

/** Taken seats as a bar; the words beside it say the same. @param {{ offering: any }} props */
export function SeatBar({ offering }) {
  const part = offering.capacity ? Math.max(0, Math.min(1, 1 - (offering.seats_left ?? offering.capacity) / offering.capacity)) : 0;
  return html`<span class="seat-bar" aria-hidden="true" data-full=${part >= 1 ? '' : undefined}><span style=${{ inlineSize: `${part * 100}%` }}></span></span>`;
}
