// Who is signed in. The access token lives in memory only; the refresh token is a cookie that no script can read.
import { signal } from '../vendor/ui.js';
import { honour, sleep } from './backoff.js';
import { exchange } from './http.js';
import { listen, tell } from './tabs.js';

// Says only that a refresh is worth asking for; so visitors cause no failing request.
const HINT = 'seatrush.signed-in';
const LEASE = 'seatrush.refresh-lease';

/** @type {string | null} */
let token = null;
let refreshing = null;

/**
 * @typedef {{ id: string, username: string, display_name: string, role: string, permissions: string[], student: any }} User
 * state: 'loading' until it is known, 'offline' when the server cannot tell just now; expired: ended by the server.
 */
export const session = signal({ state: 'loading', user: /** @type {User | null} */ (null), expired: false });

/** @param {string} permission */
export function may(permission) {
  return session.value.user?.permissions?.includes(permission) ?? false;
}

/** Whether the person has something to manage: the pages below /manage. */
export function manages() {
  return session.value.user?.permissions?.some((one) => /manage|audit|^ops$/.test(one)) ?? false;
}

/** The access token, if one is held. */
export function bearer() {
  return token;
}

function hint(on) {
  try {
    if (on === undefined) return localStorage.getItem(HINT) === '1';
    if (on) localStorage.setItem(HINT, '1');
    else localStorage.removeItem(HINT);
  } catch {
    return true;
  }
  return on;
}

async function admit(data) {
  token = data.access_token;
  hint(true);
  let user = data.user;
  if (!Array.isArray(user?.permissions)) user = (await exchange('/api/me', { token })).data;
  session.value = { state: 'known', user, expired: false };
}

function forget(expired = false) {
  token = null;
  hint(false);
  session.value = { state: 'anonymous', user: null, expired };
}

/** One refresh at a time over all tabs: a rotated token used twice would look stolen. */
async function alone(run) {
  if (navigator.locks) return navigator.locks.request('seatrush.refresh', run);
  try {
    for (let i = 0; i < 30 && Number(localStorage.getItem(LEASE)) > Date.now(); i++) await sleep(60 + Math.random() * 90);
    localStorage.setItem(LEASE, String(Date.now() + 4000));
    return await run();
  } finally {
    localStorage.removeItem(LEASE);
  }
}

/**
 * A new access token by the refresh cookie; every caller at the same time shares one request.
 * @returns {Promise<boolean>} false: signed out for certain
 * @throws {Problem | Unreachable} when it cannot be told just now
 */
export function refresh() {
  refreshing ??= alone(() => exchange('/api/auth/refresh', { method: 'POST', timeout: 8000 }))
    .then(async ({ data }) => {
      await admit(data);
      return true;
    })
    .catch((error) => {
      if (error.status !== 401 && error.status !== 403) throw error;
      forget(true);
      return false;
    })
    .finally(() => (refreshing = null));
  return refreshing;
}

/** Find out who is signed in; keeps asking while the server cannot tell. */
export async function restore() {
  listen('signed-out', () => forget());
  listen('signed-in', () => refresh().catch(() => {}));
  if (!hint()) return forget();
  for (let tries = 0; session.value.state !== 'known'; tries++) {
    try {
      await refresh();
      return;
    } catch (error) {
      session.value = { state: 'offline', user: null, expired: false };
      await sleep(honour(Math.min(600 * 2 ** tries, 10000), error.retryAfter));
    }
  }
}

/** @param {string} username @param {string} password @param {string} [fresh] chosen in the place of a first password */
export async function signIn(username, password, fresh) {
  const [path, body] = fresh ? ['first-password', { username, first_password: password, new_password: fresh }] : ['login', { username, password }];
  const { data } = await exchange(`/api/auth/${path}`, { method: 'POST', body, timeout: 15000 });
  await admit(data);
  tell('signed-in');
}

/**
 * Sign out here and in every tab; the server forgets the refresh token. While it has not, whoever comes next to this browser is
 * let in by the cookie: so nobody is told that he is signed out.
 * @throws {Problem | Unreachable}
 */
export async function signOut() {
  await exchange('/api/auth/logout', { method: 'POST', token }).catch((error) => {
    if (error.status !== 401) throw error; // 401: there is nothing left to end
  });
  forget();
  tell('signed-out');
}
