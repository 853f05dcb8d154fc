// An intention: one wish of one person for one offering, with the one key that all its requests carry.
// Kept in sessionStorage before the first request, so that a reload goes on with the same request.
import { now } from './clock.js';

// Older than this, an unanswered wish is dropped on load: a tab restored tomorrow must not book by itself.
const FRESH = 15 * 60000;
const spare = new Map();

/**
 * @typedef {{ key: string, action: 'book' | 'cancel', body: any, user: string, claimId: string | null, startedAt: number }} Intent
 */

const slot = (kind, offering) => `seatrush.intent.${kind}.${offering}`;

function store(name, value) {
  spare.set(name, value);
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // Storage may be full or forbidden: the copy in memory still holds for this page.
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on plain HTTP, `getRandomValues` is not. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} kind @param {string} offering @param {Intent} intent */
export function saveIntent(kind, offering, intent) {
  store(slot(kind, offering), JSON.stringify(intent));
}

/** @param {string} kind @param {string} offering */
export function dropIntent(kind, offering) {
  store(slot(kind, offering), null);
}

/** @returns {Intent | null} */
function read(name) {
  let text = spare.get(name) ?? null;
  try {
    text = sessionStorage.getItem(name) ?? text;
  } catch {
    // As above.
  }
  const intent = text && JSON.parse(text);
  return intent && Math.abs(now() - intent.startedAt) < FRESH ? intent : null;
}

/** The open intention of this person, if it is still fresh; anybody else's is dropped. @returns {Intent | null} */
export function openIntent(kind, offering, user) {
  const name = slot(kind, offering);
  const intent = read(name);
  if (intent?.user === user) return intent;
  store(name, null);
  return null;
}

/** What was under way in this tab when the sign-in ended: nobody may go on with it before signing in. @returns {Intent | null} */
export function heldIntent(kind, offering) {
  return read(slot(kind, offering));
}

/** @param {'book' | 'cancel'} action @param {any} body @param {string} user @returns {Intent} */
export function newIntent(action, body, user) {
  return { key: newKey(), action, body, user, claimId: null, startedAt: now() };
}

/** Whether anything was under way in this tab when the page was left. */
export function anyIntent() {
  try {
    return Object.keys(sessionStorage).some((name) => name.startsWith('seatrush.intent.'));
  } catch {
    return false;
  }
}
