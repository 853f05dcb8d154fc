// Moving between pages without leaving: the token stays in memory, the address stays the truth.
import { signal } from '../vendor/ui.js';
import { routes } from '../routes.js';
import { needTexts } from './i18n.js';
import { loadModule, loadStyles } from './modules.js';

const ready = (rows) => rows.map((route) => ({ ...route, test: new RegExp(route.path) }));
const own = document.documentElement.dataset.route;
const patterns = ready(own ? [...routes, JSON.parse(own)] : routes);
// What is below these is in routes of its own, which whoever only books never loads, and whoever opens a page of the desk not yet:
// its shell carries its own row.
const DESK = /^\/(?:check-in|manage|ops|rosters|teaching)(?:\/|$)/;
/** @type {ReturnType<typeof ready> | null} */
let desk = null;

/** What is shown: the page's module (null: it cannot be had), the parameter of its path, and a count of moves. */
export const current = signal(/** @type {any} */ (null));
/** The query of the address. */
export const query = signal(new URLSearchParams());

/** A row for several pages names them in its first group; the last one is the page's parameter. */
function named(route, found) {
  const [page, title] = [route.page, route.title].map((text) => text.replace('$1', found[1]));
  return { ...route, page, title, param: (found.length > 1 && found.at(-1)) || '' };
}

function match(among, pathname) {
  for (const route of among) {
    const found = route.test.exec(pathname);
    if (found) return named(route, found);
  }
  return null;
}

/** Whether the router shows it. What the desk has not got, Nginx answers. */
function ours(pathname) {
  return DESK.test(pathname) || match(patterns, pathname) !== null;
}

async function find(pathname) {
  const known = match(patterns, pathname);
  if (known || !DESK.test(pathname)) return known;
  desk ??= ready((await loadModule('parts/desk-routes.js')).routes);
  return match(desk, pathname);
}

function reachable() {
  return fetch('/time', { cache: 'no-store' }).then((answer) => answer.ok, () => false);
}

async function show(moved) {
  const path = location.pathname;
  // With the page that it belongs to: the one that is left would read itself anew by it.
  const arrive = (page) => {
    query.value = new URLSearchParams(location.search);
    current.value = page;
  };
  if (current.value?.path === path) return arrive(current.value);
  let route = null;
  try {
    route = await find(path);
    if (!route) return location.pathname === path && location.reload();
    const [{ page }] = await Promise.all([loadModule(`pages/${route.page}.js`), ...(route.texts ?? '').split(' ').map(needTexts), route.area && loadStyles(route.area)]);
    if (location.pathname === path) arrive({ page, param: route.param, title: route.title, path, moved });
  } catch {
    // A module of an older build that is gone: the address itself knows the way. Without a network it does not.
    const there = moved && (await reachable());
    if (location.pathname !== path) return; // the user has gone on
    if (there) return location.reload();
    arrive({ page: null, param: '', title: route?.title ?? 'app.name', path, moved });
  }
}

/** @param {string} url @param {{ replace?: boolean }} [options] */
export function navigate(url, { replace = false } = {}) {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin || !ours(target.pathname)) return location.assign(target.href);
  history[replace ? 'replaceState' : 'pushState'](null, '', target);
  if (!replace) scrollTo(0, 0);
  return show(true);
}

/** Put filters into the address without a new entry in the history. @param {Record<string, string>} values */
export function setQuery(values) {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) next.set(name, value);
  const text = next.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
  query.value = next;
}

function onClick(event) {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || !ours(link.pathname)) return;
  event.preventDefault();
  navigate(link.href);
}

/** Only a path of this site may be returned to after signing in. @param {string | null} next */
export function safeReturn(next) {
  return next && /^\/(?![/\\])/.test(next) && ours(new URL(next, location.href).pathname) ? next : '/';
}

/** Show the page of the address, and follow links and the browser's buttons from now on. */
export function startRouter() {
  document.addEventListener('click', onClick);
  addEventListener('popstate', () => show(true));
  return show(false);
}
