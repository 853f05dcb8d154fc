// Waiting: with jitter, so that thousands of phones do not ask in step.

/** @param {number} ms @param {AbortSignal} [stop] resolves early when stopped @returns {Promise<void>} */
export function sleep(ms, stop) {
  return new Promise((resolve) => {
    if (stop?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      stop?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    stop?.addEventListener('abort', done);
  });
}

/** `ms` ± a quarter. @param {number} ms @returns {number} */
export function jitter(ms) {
  return ms * (0.75 + Math.random() * 0.5);
}

/** Full jitter: anything between 0 and the capped exponential. @param {number} tries @param {number} base @param {number} cap */
export function fullJitter(tries, base, cap) {
  return Math.random() * Math.min(cap, base * 2 ** tries);
}

/**
 * The wait before the next ask: at least what Retry-After asked for, spread by up to a second more.
 * @param {number} ms @param {number | undefined} retryAfter seconds @returns {number}
 */
export function honour(ms, retryAfter) {
  return retryAfter === undefined ? jitter(ms) : Math.max(jitter(ms), retryAfter * 1000 + Math.random() * 1000);
}
