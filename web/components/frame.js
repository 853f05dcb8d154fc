// The frame around every page: who you are, where you can go, in which language.
import { html, useEffect, useRef } from '../vendor/ui.js';
import { manages, may, session } from '../lib/auth.js';
import { zoneName } from '../lib/format.js';
import { language, setLanguage, t, tag } from '../lib/i18n.js';
import { unread } from '../lib/notices.js';
import { current, navigate } from '../lib/router.js';
import { named } from '../lib/title.js';
import { Icon } from './icons.js';
import { Empty, Skeleton, Trouble } from './feedback.js';

// Pages of course selection that have no place of their own in the navigation.
const SELECTION = /^\/(programme|plan|enrolments|rounds)\b/;

/** The places a person may go, by what they may do. */
function places() {
  const all = [
    ['/', 'home', 'nav.home', true],
    ['/courses', 'courses', 'nav.courses', true],
    ['/timetable', 'timetable', 'nav.timetable', may('claims:own')],
    ['/lectures', 'lectures', 'nav.lectures', true],
    ['/claims', 'claims', 'nav.claims', may('claims:own')],
    ['/manage', 'manage', 'nav.manage', manages()],
    ['/teaching', 'claims', 'nav.teaching', may('teaching:read')],
    ['/check-in', 'scan', 'nav.checkin', may('checkin')],
  ];
  return all.filter((place) => place[3]);
}

function Places({ label, children }) {
  const path = current.value?.path ?? '/';
  const here = (href) => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`) || (href === '/courses' && SELECTION.test(path)));
  return html`<nav aria-label=${label}>
    <ul>
      ${places().map(
        ([href, icon, key]) => html`<li key=${href}>
          <a href=${href} aria-current=${here(href) ? 'page' : undefined}><${Icon} name=${icon} /><span>${t(key)}</span></a>
        </li>`,
      )}
      ${children}
    </ul>
  </nav>`;
}

function LanguageSwitch() {
  const next = language.value === 'zh' ? 'en' : 'zh';
  const [label, lang] = next === 'en' ? ['English', 'en'] : ['中文', 'zh-CN'];
  return html`<button type="button" class="quiet language" lang=${lang} onClick=${() => setLanguage(next)}>${label}</button>`;
}

function Bell() {
  const n = unread.value;
  const label = n ? t('nav.notices_unread', { n }) : t('nav.notices');
  return html`<a class="bell" href="/notices" aria-label=${label} aria-current=${current.value?.path === '/notices' ? 'page' : undefined}><${Icon} name="bell" />${n > 0 && html`<span class="bell-count" aria-hidden="true">${n > 99 ? '99+' : n}</span>`}</a>`;
}

function Who() {
  const { state, user } = session.value;
  if (state === 'loading') return html`<span class="who-wait" aria-hidden="true"></span>`;
  if (state === 'offline') return html`<span class="muted small">${t('session.offline')}</span>`;
  if (user) {
    const here = current.value?.path === '/account' ? 'page' : undefined;
    return html`<a class="who" href="/account" aria-current=${here}><${Icon} name="account" /><span>${user.display_name}</span></a>`;
  }
  if (current.value?.path === '/login') return null;
  return html`<a class="button small-button" href=${loginUrl()}>${t('session.sign_in')}</a>`;
}

function loginUrl() {
  const here = location.pathname + location.search;
  return here === '/' || location.pathname === '/login' ? '/login' : `/login?next=${encodeURIComponent(here)}`;
}

/** The page, or what stands in its way: signing in, a missing permission. */
function Gate({ page, param, path }) {
  if (!page) return html`<${Trouble} error=${{ code: 'unreachable' }} retry=${() => location.reload()} />`;
  return html`<${Barrier} page=${page} param=${param} path=${path} />`;
}

function Barrier({ page, param, path }) {
  const { state, user } = session.value;
  const barred = page.needs && state === 'anonymous';
  useEffect(() => {
    if (barred) navigate(loginUrl(), { replace: true });
  }, [barred, path]);
  if (page.needs && !user) return html`${state === 'offline' && html`<p class="stale" role="status">${t('session.offline_text')}</p>`}<${Skeleton} rows=${3} />`;
  if (page.needs && page.needs !== 'session' && !page.needs.split(' ').some(may)) {
    return html`<h1>${t('denied.title')}</h1>
      <${Empty} text=${t('denied.text')}><a class="button" href="/">${t('nav.back_home')}</a><//>`;
  }
  return html`<${page.view} key=${`${path} ${page.needs ? user.id : ''}`} param=${param} />`;
}

function Footer() {
  return html`<footer class="footer">
    <span>${t('app.campus_time', { zone: zoneName() })}</span>
    <span class="footer-links"><a href="/status">${t('status.title')}</a></span>
  </footer>`;
}

/** The whole of what is on the screen. */
export function Frame() {
  const here = current.value;
  const main = useRef(null);
  const title = here && `${named.value || t(here.title)} · ${t('app.name')}`;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
  useEffect(() => {
    if (here?.moved) main.current?.focus({ preventScroll: true });
  }, [here?.path]);
  return html`
    <a class="skip" href="#main">${t('nav.skip')}</a>
    <header class="topbar">
      <div class="topbar-inner">
        <a class="brand" href="/"><span class="seal" aria-hidden="true">席</span><span class="brand-name">${t('app.short')}${tag.value === 'en' ? null : html`<span class="brand-extra"> Seatrush</span>`}</span></a>
        <div class="topbar-nav"><${Places} label=${t('nav.main')} /></div>
        <div class="topbar-end">${session.value.user && html`<${Bell} />`}<${LanguageSwitch} /><${Who} /></div>
      </div>
    </header>
    <main class="page" id="main" tabindex="-1" ref=${main}>${here ? html`<${Gate} ...${here} />` : html`<${Skeleton} rows=${3} />`}</main>
    <${Footer} />
    ${session.value.user && html`<div class="tabbar"><${Places} label=${t('nav.bottom')} /></div>`}
  `;
}
