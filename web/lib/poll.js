// Asking again and again while somebody looks, and loading with an honest face: skeleton, "taking longer", failure.
import { useEffect, useRef, useState } from '../vendor/ui.js';
import { honour } from './backoff.js';

const SKELETON_AFTER = 300;
const SLOW_AFTER = 5000;

/**
 * Call `ask` every `every()` ms (with jitter) while the page is visible; a Retry-After makes it wait longer.
 * @param {() => Promise<any>} ask @param {() => number} every 0 pauses @param {any[]} inputs
 */
export function usePolling(ask, every, inputs) {
  const latest = useRef({ ask, every });
  latest.current = { ask, every };
  useEffect(() => {
    let timer = 0;
    let ended = false;
    const next = (retryAfter) => {
      if (ended) return;
      const wait = latest.current.every();
      timer = setTimeout(round, honour(wait || 3000, retryAfter));
    };
    const round = async () => {
      if (document.hidden || !latest.current.every()) return next();
      try {
        await latest.current.ask();
        next();
      } catch (error) {
        next(error.retryAfter ?? 5);
      }
    };
    next();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, inputs);
}

/** Read again what Nginx caches for a second, of its whole ones (so up to two), once they have passed: at once it might not know what was just decided. @param {() => Promise<any>} read */
export const afterCache = (read) => () => void setTimeout(() => read().catch(() => {}), 2100 + Math.random() * 500);

/**
 * Load something for the page. `stage`: 'quiet' (under 300 ms) → 'skeleton' → 'slow' (over 5 s) → 'ready' | 'failed'.
 * @template T @param {() => Promise<T>} load @param {any[]} inputs
 * @returns {{ stage: string, data: T | null, error: any, reload: () => Promise<void>, again: () => Promise<void>,
 *   set: (data: T) => void }} `again` keeps what is shown and throws, for polling
 */
export function useLoad(load, inputs) {
  const [state, setState] = useState({ stage: 'quiet', data: null, error: null });
  const round = useRef(0);
  const latest = useRef(load);
  latest.current = load;
  const run = async (fresh, strict) => {
    const mine = (round.current += 1);
    const current = (change) => mine === round.current && setState((old) => ({ ...old, ...change }));
    if (fresh) current({ stage: 'quiet', error: null, data: null });
    const timers = fresh
      ? [setTimeout(() => current({ stage: 'skeleton' }), SKELETON_AFTER), setTimeout(() => current({ stage: 'slow' }), SLOW_AFTER)]
      : [];
    try {
      const data = await latest.current();
      current({ stage: 'ready', data, error: null });
    } catch (error) {
      current({ stage: 'failed', error });
      if (strict) throw error;
    } finally {
      timers.forEach(clearTimeout);
    }
  };
  useEffect(() => {
    run(true);
    return () => (round.current += 1);
  }, inputs);
  return { ...state, reload: () => run(state.data === null), again: () => run(false, true), set: (data) => setState({ stage: 'ready', data, error: null }) };
}
