// What the operations page knows: the state, asked for every two seconds, and what it was in the last quarter of an hour.
import { signal } from '../vendor/ui.js';
import { api } from './api.js';
import { epoch } from './format.js';

export const EVERY = 2000;
const KEEP = 15 * 60 * 1000;
/** A state that is older than this is not "now". */
export const STALE_AFTER = 7000;

/** The last state that was told, and the points of the charts, oldest first; both stay while other pages are looked at. */
export const seen = signal(/** @type {any} */ (null));
/** @type {import('../vendor/ui.js').Signal<any[]>} */
export const history = signal([]);

function point(state) {
  const { claims, flow, queues } = state;
  const queued = queues && queues.filter((one) => /^claims\.\d+$/.test(one.name)).reduce((sum, one) => sum + one.depth, 0);
  return charted({ ...flow, at: state.at, pending: claims?.pending ?? null, oldest_pending_ms: claims && (claims.oldest_pending_ms ?? 0), queued });
}

/** A point as the server keeps it, as the charts have it. */
function charted(one) {
  const { pending, queued, accepted_per_s: accepted, decided_per_s: decided, p95_ms: p95, oldest_pending_ms: oldest } = one;
  return { at: epoch(one.at), pending, oldest: oldest === null ? null : oldest / 1000, queued, accepted, decided, p95 };
}

/** What happened before the page was opened. @throws {Problem | Unreachable} */
export async function recall() {
  const before = (await api('/api/ops/history')).data.items.map(charted);
  const last = before.at(-1)?.at ?? 0;
  // Also what was missed while other pages were looked at.
  history.value = [...before, ...history.value.filter((one) => one.at > last)];
}

/** Ask once. @throws {Problem | Unreachable} */
export async function look() {
  const state = (await api('/api/ops/status', { timeout: 8000 })).data;
  const now = point(state);
  history.value = [...history.value.filter((one) => now.at - one.at < KEEP), now];
  seen.value = { ...state, heard: Date.now() };
  return state;
}

/** Whether there is a virtual address at all: no host knows whether it has one otherwise. @param {any} state */
export const hasAddress = (state) => state.hosts.some((host) => host.holds_vip !== null);

/**
 * What is wrong: [kind, name, state or 'waits', host]. Parts that are not up, letters nobody has looked at; of several hosts also
 * those that tell nothing, and a virtual address that none or more than one of them has.
 * @param {any} state
 */
export function troubles(state) {
  const several = state.hosts.length > 1;
  const found = several ? state.servers.filter((one) => one.state !== 'up').map((one) => ['reached', one.name, one.state, '']) : [];
  for (const host of state.hosts) {
    const at = several ? host.name : '';
    if (host.state !== 'up') found.push(['host', host.name, host.state, '']);
    for (const one of host.servers) if (one.state !== 'up') found.push(['server', one.name, one.state, at]);
    for (const one of host.programs) if (one.state !== 'up') found.push(['program', one.name, one.state, at]);
    if (host.spool?.bytes) found.push(['spool', host.name, 'waits', '']);
    if (host.spool?.unreadable) found.push(['unreadable', host.name, 'waits', '']);
  }
  if (several && hasAddress(state) && !state.vip_holder) found.push(['vip', '', 'waits', '']);
  if (state.dead_letters) found.push(['letters', String(state.dead_letters), 'waits', '']);
  if (state.reconciliation?.differing) found.push(['differs', String(state.reconciliation.differing), 'waits', '']);
  return found;
}
