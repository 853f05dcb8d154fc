// One intention carried to the truth: sending → in progress → what the database holds (WEB.md, "Opening minute").
//
// A request whose answer was lost is sent again with the same key: a replay is the same request, never a second one.
// Nothing here is optimistic. `view` says what is known, and nothing else.
import { api } from '../lib/api.js';
import { honour, jitter, sleep } from '../lib/backoff.js';
import { claimUrl, isSettled } from '../lib/claims.js';
import { now } from '../lib/clock.js';
import { dropIntent, newIntent, openIntent, saveIntent } from '../lib/intents.js';
import { onEvent, wanted } from '../lib/socket.js';
import { listen, tell } from '../lib/tabs.js';
import { signal } from '../vendor/ui.js';

const FIRST_WAIT = 600;
const LONGEST_WAIT = 5000;
const POST_TIMEOUT = 8000;
// "unknown" answers in a row after which the request itself is sent again.
const REPLAY_AFTER = 3;

/** Where one claim stands. */
const askOne = (kind, offering) => (intent, options) => api(claimUrl(intent.claimId, kind, offering, intent.action), options);

/**
 * @typedef {{ phase: 'idle' | 'sending' | 'pending' | 'unknown' | 'throttled' | 'signed-out' | 'done' | 'refused',
 *   action: 'book' | 'cancel' | 'swap', claim: import('../lib/claims.js').Claim | null, error: any, since: number, until: number }} View
 * @param {{ kind: string, offering: string, path: Record<string, [string, string]>, user: string,
 *   onSettled: (claim: any, error: any) => void, read?: (data: any, intent: any) => any,
 *   ask?: (intent: any, options: any) => Promise<{ data: any, retryAfter?: number }>, concerns?: (claim: any) => boolean }} options
 *   path: action → [method, address]; read: the claim in the answer to a request; ask: where it stands now;
 *   concerns: whether a claim that was heard of is about this. A cart is one claim made of many.
 */
export function createBooking({ kind, offering, path, user, onSettled, read = (data) => data, ask = askOne(kind, offering), concerns = (claim) => String(claim?.offering_id) === offering }) {
  const idle = { phase: 'idle', action: 'book', claim: null, error: null, since: 0, until: 0 };
  const view = signal(/** @type {View} */ (idle));
  /** @type {AbortController | null} */
  let running = null;
  let wake = new AbortController();

  const show = (change) => (view.value = { ...view.value, ...change });
  /** Wait, but go on at once when an event says that something happened. */
  async function pause(ms) {
    wake = new AbortController();
    const halt = () => wake.abort();
    running.signal.addEventListener('abort', halt);
    await sleep(ms, wake.signal);
    running?.signal.removeEventListener('abort', halt);
  }

  function settle(intent, claim, error) {
    dropIntent(kind, offering);
    show({ phase: error ? 'refused' : 'done', claim, error });
    if (claim) tell('claim', claim);
    onSettled(claim, error);
  }

  /** Ask for the claim until it is decided. Resolves false when the request has to be sent again. */
  async function follow(intent) {
    let unknowns = 0;
    for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 1.5, LONGEST_WAIT)) {
      await pause(jitter(wait));
      if (running.signal.aborted) return true;
      try {
        const { data, retryAfter } = await ask(intent, { key: intent.key, stop: running.signal });
        if (isSettled(data.state)) {
          settle(intent, data, null);
          return true;
        }
        show({ phase: data.state === 'pending' ? 'pending' : 'unknown', claim: data, error: null });
        unknowns = data.state === 'pending' ? 0 : unknowns + 1;
        if (unknowns >= REPLAY_AFTER) return false;
        if (retryAfter) await pause(honour(0, retryAfter));
      } catch (error) {
        if (running.signal.aborted) return true;
        if (error.status === 404) return false;
        if (error.status === 401) {
          show({ phase: 'signed-out', error });
          return true;
        }
        show({ error });
        if (error.retryAfter !== undefined) await pause(honour(0, error.retryAfter));
      }
    }
  }

  /** Send the request once. Resolves true when there is nothing more to send. */
  async function post(intent, tries) {
    const [method, address] = path[intent.action];
    const options = { method, key: intent.key, timeout: POST_TIMEOUT, stop: running.signal };
    try {
      const answer = await api(address, method === 'POST' ? { ...options, body: intent.body } : options);
      const data = read(answer.data, intent);
      intent.claimId = data.claim_id;
      saveIntent(kind, offering, intent);
      if (isSettled(data.state)) {
        settle(intent, data, null);
        return true;
      }
      show({ phase: data.state === 'unknown' ? 'unknown' : 'pending', claim: data, error: null });
      tell('claim', { offering_id: offering, action: intent.action, state: data.state });
      return follow(intent);
    } catch (error) {
      if (running.signal.aborted) return true;
      return missed(intent, error, tries);
    }
  }

  /** No clear yes: refused for good, told to wait, or not known. */
  async function missed(intent, error, tries) {
    if (error.status === 401) {
      show({ phase: 'signed-out', error });
      return true;
    }
    const wait = honour(Math.min(FIRST_WAIT * 1.6 ** tries, LONGEST_WAIT), error.retryAfter);
    if (error.status === 429 || error.status === 425) {
      show({ phase: 'throttled', error, until: now() + wait });
      await sleep(wait, running.signal); // as long as the server asked for, whatever happens meanwhile
      return false;
    }
    if (!error.unknown) {
      settle(intent, null, error);
      return true;
    }
    if (error.data?.claim_id) {
      intent.claimId = error.data.claim_id;
      saveIntent(kind, offering, intent);
    }
    show({ phase: 'unknown', error, until: now() + wait });
    await pause(wait);
    return false;
  }

  async function carry(intent) {
    running = new AbortController();
    wanted(true);
    show({ ...idle, phase: intent.claimId ? 'pending' : 'sending', action: intent.action, claim: intent.shown ?? null, since: now() });
    try {
      let over = intent.claimId ? await follow(intent) : false;
      // A claim made elsewhere is only asked about, never sent.
      while (intent.watched && !over) over = await follow(intent);
      for (let tries = 0; !over && !running.signal.aborted; tries++) over = await post(intent, tries);
    } finally {
      running = null;
      wanted(false);
    }
  }

  /** Begin a new intention; false when one is under way (the second click of a double click). */
  function press(action, body = {}) {
    if (running) return false;
    const intent = newIntent(action, body, user);
    saveIntent(kind, offering, intent);
    carry(intent);
    return true;
  }

  /** Go on with an intention that a reload interrupted. */
  function resume() {
    const intent = openIntent(kind, offering, user);
    if (!intent || running) return false;
    carry(intent);
    return true;
  }

  /** Follow a claim that was made elsewhere and is not decided yet. */
  function watch(claim) {
    if (running || isSettled(claim.state)) return;
    carry({ ...newIntent(claim.action ?? 'book', {}, user), key: undefined, claimId: claim.claim_id, watched: true });
  }

  const hear = (claim) => concerns(claim) && wake.abort();
  const unhear = [onEvent((event) => (event.type === 'live' ? wake.abort() : event.type === 'claim' && hear(event.claim))), listen('claim', (claim) => isSettled(claim?.state) && hear(claim))];
  /** Forget the page, not the intention: it is resumed when the page is opened again. */
  function close() {
    running?.abort();
    unhear.forEach((stop) => stop());
  }
  return { view, press, resume, watch, close, reset: () => running || (view.value = idle) };
}
