// One offering's intention on a page: what is known of it, and the press.
import { useEffect, useMemo, useRef } from '../vendor/ui.js';
import { session } from './auth.js';
import { isSettled } from './claims.js';
import { now, sync } from './clock.js';
import { epoch } from './format.js';
import { heldIntent } from './intents.js';

// A press in the first instants may reach the server a breath too early; it is asked again this often.
const EARLY_TRIES = 3;
const EARLY_WITHIN = 4000;
const QUIET = ['idle', 'done', 'refused', 'signed-out'];

/** Whether nothing is under way. @param {any} view */
export const quiet = (view) => QUIET.includes(view.phase);

/**
 * @param {{ make: typeof import('../parts/booking.js').createBooking | null, kind: string, offering: string, claimant: boolean,
 *   path: Record<string, [string, string]>, opensAt: string | null, claim: any, settled: (claim: any, error: any) => void,
 *   more?: any }} options make: null until that part of the site is here; claim: what stands; more: for `make`
 */
export function useBooking({ make, kind, offering, claimant, path, opensAt, claim, settled, more }) {
  const { user, state } = session.value;
  const latest = useRef(null);
  latest.current = { opensAt, settled };
  const last = useRef(['book']);
  const early = useRef(0);
  const booking = useMemo(() => {
    if (!make || !claimant) return null;
    const own = make({ kind, offering, path, user: user.id, onSettled, ...more });
    return own;

    function onSettled(decided, error) {
      const opened = error?.code === 'not_open' && latest.current.opensAt && epoch(latest.current.opensAt);
      if (opened && now() - opened < EARLY_WITHIN && early.current < EARLY_TRIES) {
        early.current += 1;
        sync();
        setTimeout(() => own.press(...last.current), 250 + Math.random() * 500);
      } else latest.current.settled(decided, error);
    }
  }, [make, claimant, offering]);
  useEffect(() => {
    booking?.resume();
    return () => booking?.close();
  }, [booking]);
  useEffect(() => {
    if (claim && !isSettled(claim.state)) booking?.watch(claim);
  }, [booking, claim?.claim_id, claim?.state]);
  // The sign-in ended while a request was under way: it waits, and goes on with its key after signing in.
  const held = state === 'anonymous' && heldIntent(kind, offering);
  const view = booking?.view.value ?? { phase: held ? 'signed-out' : 'idle' };
  const press = (...what) => {
    early.current = 0;
    last.current = what;
    return booking.press(...what);
  };
  return { view, busy: !quiet(view), held, press };
}
