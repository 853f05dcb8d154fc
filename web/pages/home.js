// The first look: what opens next, what is under way, what is coming up.
import { html, useEffect, useState } from '../vendor/ui.js';
import { ClaimBadge } from '../components/badge.js';
import { Countdown } from '../components/countdown.js';
import { Empty, Loaded } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { DateTile, LectureRow, Meta, phaseAt } from '../components/lecture.js';
import { Counted, SeatBar, SeatLine } from '../components/seats.js';
import { api, open } from '../lib/api.js';
import { manages, may, session } from '../lib/auth.js';
import { isSettled } from '../lib/claims.js';
import { now, tick } from '../lib/clock.js';
import { epoch, format, range } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { loadStyles } from '../lib/modules.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { usePart } from '../lib/use-part.js';

const LATER = 1500;

function greeting() {
  const hour = Number(format(tick.value, 'time').slice(0, 2));
  return t(hour < 5 ? 'home.night' : hour < 11 ? 'home.morning' : hour < 13 ? 'home.noon' : hour < 18 ? 'home.afternoon' : 'home.evening');
}

/** The lecture to show first: open with seats, else the next to open. */
function pick(lectures) {
  const of = (phase) => lectures.filter((lecture) => phaseAt(lecture, now()) === phase);
  const next = of('upcoming').sort((a, b) => epoch(a.opens_at) - epoch(b.opens_at))[0];
  const soon = next && epoch(next.opens_at) - now() < 3600000;
  return soon ? next : (of('open').find((lecture) => lecture.seats_left > 0) ?? next ?? null);
}

function Hero({ lecture }) {
  const upcoming = phaseAt(lecture, tick.value) === 'upcoming';
  return html`<section class="hero" aria-labelledby="hero-title">
    <div class="hero-text">
      <p class="eyebrow">${t(upcoming ? 'home.next_opening' : 'home.open_now')}</p>
      <h2 id="hero-title"><a href=${`/lectures/${lecture.id}`}>${lecture.title}</a></h2>
      <${Meta} lecture=${lecture} />
    </div>
    <div class="hero-side">
      ${upcoming ? html`<${Countdown} to=${epoch(lecture.opens_at)} label=${t('lecture.until_opening')} />` : html`<div><p class="hero-seats"><${SeatLine} offering=${lecture} /></p><${SeatBar} offering=${lecture} /><${Counted} offerings=${[lecture]} /></div>`}
      <a class="button primary" href=${`/lectures/${lecture.id}`}>${t(upcoming ? 'home.get_ready' : 'home.go_book')}</a>
    </div>
  </section>`;
}

function ClaimRow({ claim, lecture }) {
  return html`<li class="row">
    ${lecture ? html`<${DateTile} when=${lecture.starts_at} />` : html`<span class="date-tile" aria-hidden="true"></span>`}
    <div class="row-main">
      <h3><a class="cover" href=${claim.kind === 'section' ? '/enrolments' : `/lectures/${claim.offering_id}`}>${claim.offering_title}</a></h3>
      ${lecture && html`<p class="meta"><span><${Icon} name="clock" />${range(lecture.starts_at, lecture.ends_at)}</span><span><${Icon} name="place" />${lecture.place}</span></p>`}
    </div>
    <div class="row-end">
      <${ClaimBadge} claim=${claim} />
      ${claim.state === 'confirmed' && html`<a class="above" href=${`/tickets/${claim.claim_id}`}>${t('book.ticket')}</a>`}
    </div>
  </li>`;
}

/** My newest claim of each lecture: those under way, and those that hold a seat or a place in the line. */
async function loadMine() {
  const { data } = await api('/api/me/claims?limit=30');
  const newest = new Map();
  for (const claim of data.items) {
    if (claim.action === 'book' && claim.kind === 'lecture' && !newest.has(claim.offering_id)) newest.set(claim.offering_id, claim);
  }
  const pending = data.items.filter((claim) => claim.action !== 'promote' && !isSettled(claim.state));
  const held = [...newest.values()].filter((claim) => claim.state === 'confirmed' || claim.state === 'waitlisted').slice(0, 6);
  return { pending, held };
}

/** The lectures of my claims: most are in the lists on this page already, the others are asked for a little later. */
function useLectures(held, listed) {
  const [found, setFound] = useState({});
  const missing = listed ? held.map((claim) => claim.offering_id).filter((id) => !listed.some((one) => one.id === id) && !(id in found)) : [];
  useEffect(() => {
    if (!missing.length) return undefined;
    const timer = setTimeout(async () => {
      const answers = await Promise.all(missing.map((id) => open(`/api/lectures/${id}`).then((answer) => answer.data, () => null)));
      setFound((old) => ({ ...old, ...Object.fromEntries(missing.map((id, i) => [id, answers[i]])) }));
    }, LATER);
    return () => clearTimeout(timer);
  }, [missing.join()]);
  return (id) => listed?.find((one) => one.id === id) ?? found[id] ?? null;
}

/** What is still ahead, soonest first. */
function Ahead({ held, listed }) {
  const lectureOf = useLectures(held, listed);
  const ahead = held
    .map((claim) => ({ claim, lecture: lectureOf(claim.offering_id) }))
    .filter(({ lecture }) => !lecture || epoch(lecture.ends_at) > now())
    .sort((a, b) => epoch(a.lecture?.starts_at ?? 0) - epoch(b.lecture?.starts_at ?? 0));
  if (!ahead.length) return html`<${Empty} text=${t('home.none_mine')}><a class="button" href="/lectures">${t('home.browse')}</a><//>`;
  return html`<ul class="rows">${ahead.map((item) => html`<${ClaimRow} key=${item.claim.claim_id} ...${item} />`)}</ul>`;
}

function Mine({ listed }) {
  const load = useLoad(loadMine, []);
  usePolling(() => load.again(), () => (load.data?.pending.length ? 3000 : 45000), []);
  return html`<${Loaded} load=${load} rows=${2}>
    ${({ pending, held }) => html`
      ${pending.length > 0 && html`<section><h2>${t('home.pending')}</h2><ul class="rows">${pending.map((claim) => html`<${ClaimRow} key=${claim.claim_id} claim=${claim} />`)}</ul></section>`}
      <section>
        <div class="section-head"><h2>${t('home.mine')}</h2><a href="/claims">${t('home.all_claims')}</a></div>
        <${Ahead} held=${held} listed=${listed} />
      </section>`}
  <//>`;
}

function Shortcuts() {
  const all = [
    [manages(), '/manage', 'manage', 'nav.manage', 'home.manage_text'],
    [may('checkin'), '/check-in', 'scan', 'nav.checkin', 'home.checkin_text'],
  ].filter(([open]) => open);
  if (!all.length) return null;
  return html`<section><h2>${t('home.work')}</h2><ul class="cards">
    ${all.map(([, href, icon, name, text]) => html`<li class="card" key=${href}><${Icon} name=${icon} /><h3><a class="cover" href=${href}>${t(name)}</a></h3><p>${t(text)}</p></li>`)}
  </ul></section>`;
}

function View() {
  const { user, state } = session.value;
  const { module: selection } = usePart('parts/home-selection.js', false, 'selection');
  useEffect(() => {
    if (selection) loadStyles('selection').catch(() => {});
  }, [selection]);
  const load = useLoad(async () => {
    const [ahead, current] = await Promise.all([open('/api/lectures?phase=upcoming&limit=10'), open('/api/lectures?phase=open&limit=10')]);
    return [...current.data.items, ...ahead.data.items];
  }, []);
  usePolling(() => load.again(), () => 30000, []);
  const first = load.data ? pick(load.data) : null;
  const others = (load.data ?? []).filter((lecture) => lecture !== first && ['open', 'upcoming'].includes(phaseAt(lecture, tick.value))).slice(0, 4);
  return html`<header class="page-head">
      <h1>${user ? t('home.hello', { greeting: greeting(), name: user.display_name }) : t('home.welcome')}</h1>
      <p class="lead">${user ? format(tick.value, 'fullDate') : t('home.welcome_text')}</p>
      ${state === 'anonymous' && html`<p class="actions"><a class="button primary" href="/login">${t('session.sign_in')}</a><a class="button" href="/lectures">${t('home.browse')}</a></p>`}
    </header>
    <${Loaded} load=${load} rows=${2}>${() => (first ? html`<${Hero} lecture=${first} />` : html`<${Empty} title=${t('lectures.none')} text=${t('lectures.none_text')} />`)}<//>
    ${selection && html`<${selection.NextRound} />${user && html`<${selection.Unread} key=${user.id} />`}`}
    <${Shortcuts} />
    ${may('claims:own') && html`<${Mine} key=${user.id} listed=${load.data} />`}
    ${others.length > 0 && html`<section><div class="section-head"><h2>${t('home.more')}</h2><a href="/lectures">${t('home.all_lectures')}</a></div>
      <ul class="rows">${others.map((lecture) => html`<${LectureRow} key=${lecture.id} lecture=${lecture} />`)}</ul><${Counted} offerings=${others} /></section>`}`;
}

export const page = { view: View };
