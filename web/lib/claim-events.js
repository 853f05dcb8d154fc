// A decision about a claim, wherever it was asked for.
import { useEffect, useRef } from '../vendor/ui.js';
import { onEvent } from './socket.js';
import { listen } from './tabs.js';

/**
 * Do this when a claim of the kind (of any: '') was decided: here, in another tab, or by somebody else's drop; and when the line is back.
 * @param {string} kind @param {(claim?: any) => void} run `claim`: the one that was decided, where it is known
 */
export function useClaimEvents(kind, run) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const ends = [
      onEvent((event) => (event.type === 'live' || (event.type === 'claim' && (!kind || event.claim?.kind === kind))) && latest.current(event.claim)),
      listen('claim', () => latest.current()),
    ];
    return () => ends.forEach((end) => end());
  }, []);
}
