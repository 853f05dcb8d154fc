// Reserved seats as a form holds them (numbers are texts in fields), and back.

/** @param {any[] | undefined} reservations as the API tells them */
export const readReservations = (reservations) => (reservations ?? []).map((one) => ({ colleges: [], grades: [], classes: [], ...one, seats: String(one.seats) }));

/** @param {any[]} held by a form */
export const writeReservations = (held) => held.map((one) => ({ ...one, name: one.name.trim(), seats: Number(one.seats) }));

/** What is wrong with them: a text's key, or nothing. @param {any[]} held by a form @param {number} [capacity] of the whole */
export function mistakeIn(held, capacity = Infinity) {
  if (held.some((one) => !one.name.trim() || !/^\d+$/.test(one.seats) || Number(one.seats) < 1)) return 'form.reservation_incomplete';
  return held.reduce((sum, one) => sum + Number(one.seats), 0) > capacity ? 'form.reserved_too_many' : '';
}
