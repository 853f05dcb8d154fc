// The campus clock: the server's time, whatever the phone believes (WEB.md, "Opening minute" 1).
import { signal } from '../vendor/ui.js';
import { sleep } from './backoff.js';

const SAMPLES = 3;
const LONGEST_TIMER = 2 ** 31 - 1;

/** Server epoch at `performance.now() === 0`, once known. @type {number | null} */
let origin = null;
let syncing = null;

/** Whether the server's clock is known. */
export const synced = signal(false);
/** How far the phone's clock is off, ms (positive: the phone is ahead). */
export const skew = signal(0);
/** The server's time in ms, told anew at every full second. */
export const tick = signal(Date.now());

/** The server's time as epoch ms; the phone's own until the first sample is in. @returns {number} */
export function now() {
  return origin === null ? Date.now() : origin + performance.now();
}

async function sample() {
  const sent = performance.now();
  const answer = await fetch('/time', { cache: 'no-store', signal: AbortSignal.timeout(4000) });
  const { epoch_ms: epoch } = await answer.json();
  const received = performance.now();
  if (!answer.ok || !Number.isFinite(Number(epoch))) throw new Error('no time');
  return { rtt: received - sent, origin: Number(epoch) - (sent + received) / 2 };
}

function adopt(best) {
  origin = best.origin;
  skew.value = Math.round(Date.now() - now());
  synced.value = true;
  tick.value = now();
}

async function measure(pause) {
  let best = null;
  for (let i = 0; i < SAMPLES; i++) {
    if (i === 1 && pause) await sleep(pause);
    const one = await sample().catch(() => null);
    if (one && (!best || one.rtt < best.rtt)) adopt((best = one));
  }
  return best !== null;
}

/**
 * Take three samples and keep the one with the shortest round trip.
 * @param {number} [pause] ms between the first sample and the others (the first load is kept light)
 * @returns {Promise<boolean>} whether the server answered
 */
export function sync(pause = 0) {
  syncing ??= measure(pause).finally(() => (syncing = null));
  return syncing;
}

/**
 * Call `run` when the server's clock reaches `epoch`; right even when the clock is corrected meanwhile.
 * @param {number} epoch ms @param {() => void} run @returns {() => void} stops it
 */
export function at(epoch, run) {
  let timer = 0;
  const arm = () => {
    const left = epoch - now();
    if (left <= 0) return run();
    // Half-way steps: a timer set far ahead would keep an error that a later sample has corrected.
    timer = setTimeout(arm, Math.min(left > 400 ? left / 2 : left, LONGEST_TIMER));
  };
  timer = setTimeout(arm, 0);
  return () => clearTimeout(timer);
}

function beat() {
  tick.value = now();
  setTimeout(beat, 1000 - (now() % 1000) + 4);
}

/** Start the clock: first samples, the seconds, and new samples whenever the page was away. */
export function startClock() {
  beat();
  const retry = async (wait) => {
    if (!(await sync(1500))) setTimeout(() => retry(Math.min(wait * 2, 30000)), wait * (0.5 + Math.random()));
  };
  retry(2000);
  document.addEventListener('visibilitychange', () => document.hidden || sync());
  addEventListener('online', () => sync());
}
