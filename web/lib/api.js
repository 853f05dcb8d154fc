// Requests as the signed-in person; an expired token is renewed once and the same request sent again.
import { bearer, refresh, session } from './auth.js';
import { exchange } from './http.js';

/**
 * @param {string} path @param {import('./http.js').Options} [options]
 * @returns {Promise<{ status: number, data: any, retryAfter: number | undefined }>}
 */
export async function api(path, options = {}) {
  if (!bearer() && session.value.state !== 'anonymous') await refresh();
  try {
    return await exchange(path, { ...options, token: bearer() });
  } catch (error) {
    const expired = error.status === 401 && error.code !== 'invalid_credentials' && session.value.state !== 'anonymous';
    if (!expired || !(await refresh())) throw error;
    return exchange(path, { ...options, token: bearer() });
  }
}

/** A public answer, the same for everybody: asked without a token, so that Nginx may answer from its cache. */
export function open(path, options = {}) {
  return exchange(path, options);
}

/** A path with the parameters that are not empty. @param {string} path @param {Record<string, any>} values */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}
