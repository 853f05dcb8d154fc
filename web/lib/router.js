// Moving between pages without leaving: the token stays in memory, the address stays the truth.
import { signal } from '../vendor/ui.js';
import { routes } from '../routes.js';
import { needTexts } from './i18n.js';
import { loadModule, loadStyles } from './modules.js';

const patterns = routes.map((route) => ({ ...route, test: new RegExp(route.path) }));

/** What is shown: the page's module (null: it cannot be had), the parameter of its path, and a count of moves. */
export const current = signal(/** @type {any} */ (null));
/** The query of the address. */
export const query = signal(new URLSearchParams());

/** A row for several pages names them in its first group; the last one is the page's parameter. */
function named(route, found) {
  const [page, title] = [route.page, route.title].map((text) => text.replace('$1', found[1]));
  return { ...route, page, title, param: (found.length > 1 && found.at(-1)) || '' };
}

function match(pathname) {
  for (const route of patterns) {
    const found = route.test.exec(pathname);
    if (found) return named(route, found);
  }
  return null;
}

function reachable() {
  return fetch('/time', { cache: 'no-store' }).then((answer) => answer.ok, () => false);
}

async function show(moved) {
  const route = match(location.pathname);
  if (!route) return location.reload();
  const path = location.pathname;
  // With the page that it belongs to: the one that is left would read itself anew by it.
  const arrive = (page) => {
    query.value = new URLSearchParams(location.search);
    current.value = page;
  };
  if (current.value?.path === path) return arrive(current.value);
  try {
    const [{ page }] = await Promise.all([loadModule(`pages/${route.page}.js`), ...(route.texts ?? '').split(' ').map(needTexts), route.area && loadStyles(route.area)]);
    if (location.pathname === path) arrive({ page, param: route.param, title: route.title, path, moved });
  } catch {
    // A module of an older build that is gone: the address itself knows the way. Without a network it does not.
    const there = moved && (await reachable());
    if (location.pathname !== path) return; // the user has gone on
    if (there) return location.reload();
    arrive({ page: null, param: '', title: route.title, path, moved });
  }
}

/** @param {string} url @param {{ replace?: boolean }} [options] */
export function navigate(url, { replace = false } = {}) {
  const target = new URL(url, location.href);
  if (target.origin !== location.origin || !match(target.pathname)) return location.assign(target.href);
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
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || !match(link.pathname)) return;
  event.preventDefault();
  navigate(link.href);
}

/** Only a path of this site may be returned to after signing in. @param {string | null} next */
export function safeReturn(next) {
  return next && /^\/(?![/\\])/.test(next) && match(new URL(next, location.href).pathname) ? next : '/';
}

/** Show the page of the address, and follow links and the browser's buttons from now on. */
export function startRouter() {
  document.addEventListener('click', onClick);
  addEventListener('popstate', () => show(true));
  return show(false);
}
