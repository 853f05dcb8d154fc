// A decision about a claim, wherever it was asked for.
import { useEffect, useRef } from '../vendor/ui.js';
import { onEvent } from './socket.js';
import { listen } from './tabs.js';

/** Do this when a claim of the kind was decided: here, in another tab, or by somebody else's drop. @param {string} kind @param {() => void} run */
export function useClaimEvents(kind, run) {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    const ends = [
      onEvent((event) => (event.type === 'live' || (event.type === 'claim' && event.claim?.kind === kind)) && latest.current()),
      listen('claim', () => latest.current()),
    ];
    return () => ends.forEach((end) => end());
  }, []);
}
