// What the student has at the time of a lecture, said before it is booked: a note that stands against nothing.
import { html } from '../vendor/ui.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { sleep } from '../lib/backoff.js';
import { useClaimEvents } from '../lib/claim-events.js';
import { moment, range } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';

// Everybody who reloads as booking opens would ask at once.
const SPREAD = 2500;

const saying = ({ kind, title, when, starts_at: starts, ends_at: ends }) => t(`overlap.${kind}`, { title, when: when ?? (ends ? range(starts, ends) : moment(starts)) });

/** @param {{ lecture: any, phase: string }} props */
export function Overlaps({ lecture, phase }) {
  const read = async () => (await api(`/api/lectures/${lecture.id}/overlaps`)).data.items;
  const load = useLoad(() => sleep(Math.random() * SPREAD).then(read), [lecture.id, lecture.starts_at, lecture.ends_at, language.value]);
  // What was decided about this very lecture changes nothing of it.
  useClaimEvents('', (claim) => (claim?.kind === 'lecture' && claim.offering_id === lecture.id) || load.again().catch(() => {}));
  if (!load.data?.length || phase === 'past' || phase === 'cancelled') return null;
  return html`<div class="stale" role="status">
    <ul>${load.data.map((one) => html`<li key=${`${one.kind} ${one.id} ${one.starts_at}`}><${Icon} name="alert" /> ${saying(one)}</li>`)}</ul>
    <p>${t('overlap.note')}</p>
  </div>`;
}
