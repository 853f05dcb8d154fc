// The first seconds of a fair round: nobody is first, the order is drawn when they are over.
import { epoch, format } from './format.js';
import { t } from './i18n.js';

/** What to say while such a claim waits for its lot; '' of any other. @param {any} round @param {string | null | undefined} admitted when it was taken in */
export function lotText(round, admitted) {
  const until = round?.mode === 'fair' ? epoch(round.opens_at) + round.fair_seconds * 1000 : 0;
  return admitted && epoch(admitted) < until ? t('enrol.by_lot', { n: round.fair_seconds, time: format(until, 'clock') }) : '';
}
