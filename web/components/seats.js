// Seats in words and as a bar, of lectures and sections alike, and when they were counted.
import { html } from '../vendor/ui.js';
import { epoch, format, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';

// What was read may be older than it looks: lists are cached for a second, and MariaDB counts a seat when it has decided.
const READ_BEHIND = 5000;

/** An offering with the seats that were told; much older ones change nothing. @param {any} offering @param {any} told */
export function counted(offering, told) {
  if (epoch(told.as_of) + READ_BEHIND < epoch(offering.seats_as_of ?? 0)) return offering;
  return { ...offering, told, seats_left: told.seats_left, waiting: told.waiting, seats_as_of: told.as_of };
}

/** An offering that was read again. @param {any} read @param {any} old */
export function recounted(read, old) {
  return old.told ? counted(read, old.told) : read;
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
