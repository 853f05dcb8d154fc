// Rounds of course selection: which one counts, and its phase by the server's clock.
import { useEffect, useState } from '../vendor/ui.js';
import { open, withQuery } from './api.js';
import { at, now } from './clock.js';
import { epoch } from './format.js';
import { t } from './i18n.js';
import { query } from './router.js';

// What everybody hears at once and has to ask about is not asked in the same second.
export const SPREAD = 4000;

/** The term that the address names; '': the page's own, which is that of selection, on the timetable today's. */
export const chosenTerm = () => query.value.get('term_id') ?? '';

/** A page of the same term. @param {string} path @param {string} [term] */
export const withTerm = (path, term = chosenTerm()) => withQuery(path, { term_id: term });

/** The round that counts now: the one that is open, else the next, else the last. @param {any[]} rounds */
export function currentRound(rounds) {
  const ahead = rounds.filter((round) => epoch(round.closes_at) > now()).sort((a, b) => epoch(a.opens_at) - epoch(b.opens_at));
  return ahead[0] ?? rounds.at(-1) ?? null;
}

/** upcoming | open | closed by the server's clock, 'none' without a round. @param {any} round @param {number} time epoch ms */
export function phaseOf(round, time) {
  if (!round) return 'none';
  if (time >= epoch(round.closes_at)) return 'closed';
  return time >= epoch(round.opens_at) ? 'open' : 'upcoming';
}

/** @param {string} term */
export const readRound = (term) => open(withQuery('/api/rounds', { term_id: term, limit: 50 })).then(({ data }) => currentRound(data.items));

/** Why nothing can be chosen just now. @param {any} round that is frozen, or null: only the section is */
export const stopped = (round) => (round?.frozen_reason ? t('why.frozen_because', { reason: round.frozen_reason }) : t('why.frozen'));

/** Draw again when the server's clock reaches this time. @param {string | null | undefined} when */
export function useTurn(when) {
  const [, turn] = useState(0);
  useEffect(() => (when && epoch(when) > now() ? at(epoch(when), () => turn((n) => n + 1)) : undefined), [when]);
}
