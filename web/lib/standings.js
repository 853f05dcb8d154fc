// What the server says about this student and each of some offerings, kept current.
import { useEffect, useRef, useState } from '../vendor/ui.js';
import { isActive, isSettled, later } from './claims.js';
import { usePolling } from './poll.js';
import { onEvent } from './socket.js';
import { listen } from './tabs.js';

// A fresh decision is not overruled by a standing that was read before it.
const GRACE = 10000;
const NEVER = { at: -GRACE, claim: null };

/** A call that is made once more when it is wanted again meanwhile, never twice at a time. @param {() => Promise<any>} run */
export function coalesced(run) {
  let running = null;
  let again = false;
  const rounds = async () => {
    do {
      again = false;
      await run();
    } while (again);
  };
  return () => {
    if (running) again = true;
    else running = rounds().finally(() => (running = null));
    return running;
  };
}

/**
 * @param {{ ids: string[], kind: string, ask: (ids: string[]) => Promise<Record<string, any>>, claimant: boolean }} options
 *   ask: by id `{ eligible, claim, can_cancel, … }`. A claim of the kind may change every standing: they are all read again.
 */
export function useStandings({ ids, kind, ask, claimant }) {
  const [known, setKnown] = useState({});
  const fresh = useRef({});
  const latest = useRef(null);
  latest.current = { ids, ask };
  const mine = (claim) => claim?.kind === kind || latest.current.ids.includes(String(claim?.offering_id));
  const lately = (id) => {
    const one = fresh.current[id] ?? NEVER;
    return performance.now() - one.at < GRACE ? one.claim : null;
  };
  const merged = (old, told, id) => {
    const claim = lately(id) ?? old?.claim ?? null;
    if (told.claim) return { ...told, claim: later(claim, told.claim) };
    return { ...told, claim: lately(id) && isActive(claim.state) ? claim : null };
  };
  const [load] = useState(() =>
    coalesced(async () => {
      if (!latest.current.ids.length) return;
      const told = await latest.current.ask(latest.current.ids);
      setKnown((old) => ({ ...old, ...Object.fromEntries(Object.entries(told).map(([id, one]) => [id, merged(old[id], one, id)])) }));
    }),
  );
  const learn = (id, claim) => {
    if (claim.action === 'cancel') return;
    fresh.current[id] = { at: performance.now(), claim };
    setKnown((old) => ({ ...old, [id]: { eligible: true, reason: null, can_cancel: isActive(claim.state), ...old[id], claim: later(old[id]?.claim ?? null, claim) } }));
  };
  const forget = (id) => delete fresh.current[id];
  /** What a decided claim says by itself, before the server is asked. */
  const settle = (claim) => {
    const id = String(claim.offering_id);
    if (claim.action === 'cancel') forget(id);
    else if (isSettled(claim.state)) learn(id, claim);
  };
  const again = () => load().catch(() => {});
  useEffect(() => {
    const ends = [
      onEvent((event) => (event.type === 'live' || (event.type === 'claim' && mine(event.claim))) && again()),
      // What another tab of this person has learnt.
      listen('claim', (claim) => {
        if (!mine(claim)) return;
        if (claim.claim_id) settle(claim);
        again();
      }),
    ];
    return () => ends.forEach((end) => end());
  }, []);
  const wanted = ids.join();
  useEffect(() => {
    if (claimant) again();
  }, [claimant, wanted]);
  const soon = ids.some((id) => !known[id] || known[id].claim?.state === 'waitlisted');
  usePolling(load, () => (claimant && ids.length ? (soon ? 12000 : 45000) : 0), [claimant]);
  return { known, of: (id) => (claimant ? (known[id] ?? null) : null), load: again, settle };
}
