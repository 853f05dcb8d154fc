// From what a clock on campus shows to the moment that it means, summer time or not.
import { toInput } from './format.js';

const DAY = 86400000;

/** How far the campus's clocks are ahead of UTC then, in ms. @param {number} at */
const aheadAt = (at) => Date.parse(`${toInput(at)}Z`) - Math.floor(at / 60000) * 60000;

/**
 * RFC 3339 of a datetime-local field's value, read as campus time. Where the clocks are changed: the first of two such
 * times, the later for one that is skipped. @param {string} value
 */
export function fromInput(value) {
  const wall = Date.parse(`${value}Z`);
  if (Number.isNaN(wall)) return value;
  const around = [wall - DAY, wall + DAY].map(aheadAt);
  return new Date(wall - (around.find((ahead) => aheadAt(wall - ahead) === ahead) ?? around[0])).toISOString();
}
