// Files that need the signed-in person's token: fetched and handed to the browser, or sent.
import { api } from './api.js';
import { bearer, refresh } from './auth.js';
import { Problem, Unreachable } from './http.js';

/** @param {string} path @param {string} name what the file is called @param {import('./http.js').Options} [options] */
export async function save(path, name, options) {
  const { data } = await api(path, { accept: '*/*', timeout: 120000, ...options });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Send a form with a file. @param {string} path @param {FormData} body @returns {Promise<any>} @throws {Problem | Unreachable} */
export async function upload(path, body) {
  if (!bearer()) await refresh();
  const headers = { Accept: 'application/json', Authorization: `Bearer ${bearer()}`, 'Accept-Language': document.documentElement.lang };
  const answer = await fetch(path, { method: 'POST', headers, body }).catch((error) => {
    throw new Unreachable(String(error));
  });
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw new Problem(answer.status, data, undefined, answer.headers.get('X-Request-ID'));
  return data;
}
