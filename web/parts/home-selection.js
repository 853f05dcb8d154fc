// What the first look says of course selection and notices, a moment after the lectures.
import { html } from '../vendor/ui.js';
import { RoundBanner } from '../components/round-banner.js';
import { api, open } from '../lib/api.js';
import { may, session } from '../lib/auth.js';
import { tick } from '../lib/clock.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { unread } from '../lib/notices.js';
import { useLoad } from '../lib/poll.js';
import { useRound } from '../lib/round-events.js';
import { phaseOf } from '../lib/rounds.js';

const SHOWN = 3;

/** The round that is open or comes next, and the ways into it. */
export function NextRound() {
  const { round } = useRound(60000);
  const terms = useLoad(async () => (round ? (await open('/api/terms?limit=100')).data.items : []), [round?.term_id]);
  if (!round || phaseOf(round, tick.peek()) === 'closed') return null;
  return html`<section><div class="section-head"><h2>${t('home.round')}</h2><span class="hint">${terms.data?.find((one) => one.id === round.term_id)?.name}</span><span class="actions">${may('claims:own') && html`<a href="/plan">${t('home.to_plan')}</a>`}<a href="/courses">${t('home.to_courses')}</a></span></div>
    <${RoundBanner} round=${round} /></section>`;
}

/** The newest unread notices; nothing when all are read. */
export function Unread() {
  const load = useLoad(async () => (session.value.user ? (await api(`/api/me/notices?unread=true&limit=${SHOWN}`)).data : null), [unread.value]);
  if (!load.data?.items.length) return null;
  return html`<section><div class="section-head"><h2>${t('home.notices')}</h2><a href="/notices">${t('home.all_notices')}</a></div>
    <ul class="plain-list">${load.data.items.map((one) => html`<li key=${one.id}><a href=${one.link?.startsWith('/') ? one.link : '/notices'}>${one.title}</a><span class="muted small">${format(one.created_at, 'date')}</span></li>`)}</ul></section>`;
}
