// What is done to rounds while pages are open: frozen, resumed, extended, drawn.
import { useEffect, useRef } from '../vendor/ui.js';
import { useLoad, usePolling } from './poll.js';
import { SPREAD, readRound } from './rounds.js';
import { onEvent } from './socket.js';

/** A round as it was known with what was told of it, unless that is older. */
export const told = (round, news) => (news.version < round.version ? round : { ...round, ...news });

/**
 * Hear what is done to rounds. @param {(event: any) => boolean} take says whether that was enough
 * @param {() => Promise<any>} ask when it was not, or when the line was broken and anything may have been told
 */
export function useRoundEvents(take, ask) {
  const latest = useRef({ take, ask });
  latest.current = { take, ask };
  useEffect(() => {
    const again = () => latest.current.ask().catch(() => {});
    return onEvent((event) => {
      if (event.type === 'live') again();
      else if (event.type === 'round' && !latest.current.take(event)) setTimeout(again, Math.random() * SPREAD);
    });
  }, []);
}

/** The round that counts, asked for again and again, and changed at once by what is told of it. @param {number} every ms @param {string} [term] */
export function useRound(every, term = '') {
  const latest = useRef(null);
  // An answer that was on its way, or in a cache, when something was told may be older.
  const load = useLoad(async () => {
    const found = await readRound(term);
    return { round: found && found.id === latest.current?.id ? told(latest.current, found) : found };
  }, [term]);
  const round = (latest.current = load.data?.round);
  usePolling(() => load.again(), () => every, [term]);
  useRoundEvents((event) => event.round.id === round?.id && (load.set({ round: told(round, event.round) }), true), () => load.again());
  return { round, known: Boolean(load.data), load };
}
