// What a claim's states mean to the page.

// `decided`: a cart, each of whose claims is.
const SETTLED = new Set(['confirmed', 'waitlisted', 'rejected', 'cancelled', 'expired', 'decided']);
const ACTIVE = new Set(['pending', 'unknown', 'confirmed', 'waitlisted']);

/**
 * @typedef {{ claim_id: string, kind: string, action: 'book' | 'cancel' | 'swap', offering_id: string, offering_title: string,
 *   state: string, reason: string | null, position: number | null, sequence: number | null, version: number,
 *   admitted_at: string | null, decided_at: string | null, target_claim_id: string | null }} Claim
 */

/** Decided: asking again gives the same answer, or a later state. @param {string} state */
export const isSettled = (state) => SETTLED.has(state);
/** Holds a seat, a place in the line, or may do so yet. @param {string} state */
export const isActive = (state) => ACTIVE.has(state);

/**
 * Which of two tellings to believe: of the same claim the higher version, else the new one.
 * @param {Claim | null} known @param {Claim | null} told
 */
export function later(known, told) {
  if (!known || !told || known.claim_id !== told.claim_id) return told;
  return (told.version ?? 0) >= (known.version ?? 0) ? told : known;
}

/** The colour of a state; only a confirmed seat is green. @param {string} state */
export function tone(state) {
  return { confirmed: 'good', waitlisted: 'warn', rejected: 'bad', pending: 'busy', unknown: 'busy', sending: 'busy' }[state] ?? 'calm';
}

/**
 * Where to ask about a claim: the query and the key prove that the id is the caller's own.
 * @param {string} claimId @param {string} kind @param {string} offering @param {string} action
 */
export function claimUrl(claimId, kind, offering, action) {
  return `/api/claims/${claimId}?kind=${kind}&offering_id=${offering}&action=${action}`;
}
