// The live line, as pages hear it. Its events are hints that wake the polling; nothing depends on them.
import { loadModule } from './modules.js';
import { signal } from '../vendor/ui.js';

// The first load is kept light: the line is fetched and opened a moment after it, at once when a claim is under way.
const DELAY = 2500;
const AGAIN = 5000;
// A page that is left for another one soon needs the same line again.
const LINGER = 3000;

/** True while the line is wanted and cannot be had: what the page shows comes from asking again and again. */
export const lost = signal(false);
export const hearers = new Set();

/** parts/line.js, once it is here. @type {any} */
let line = null;
let timer = 0;
let urgent = 0;

/** Fetch the line in a while and open it. */
function bring(ms) {
  if (line) return line.plan(ms);
  timer ||= setTimeout(async () => {
    timer = 0;
    line = await loadModule('parts/line.js').catch(() => null);
    if (line) return line.plan(0);
    lost.value = hearers.size > 0;
    return bring(AGAIN * (0.5 + Math.random()));
  }, ms);
  return undefined;
}

/**
 * Hear the server's events while something on the page wants them. After a break there is one of type `live`:
 * the line is back, and what happened in between was not told.
 * @param {(event: any) => void} hear @returns {() => void}
 */
export function onEvent(hear) {
  hearers.add(hear);
  bring(urgent ? 0 : DELAY * (0.8 + Math.random() * 0.8));
  return () => {
    hearers.delete(hear);
    if (hearers.size === 0) setTimeout(() => hearers.size === 0 && line?.hangUp(), LINGER);
  };
}

/** A claim is under way (or no more): open the line now. @param {boolean} on */
export function wanted(on) {
  urgent += on ? 1 : -1;
  if (!on) return;
  const soon = 150 + Math.random() * 600;
  if (line) return void line.hasten(soon);
  clearTimeout(timer);
  timer = 0;
  bring(soon);
}
