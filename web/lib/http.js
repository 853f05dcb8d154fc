// One HTTP exchange: JSON in, JSON out, and two kinds of failure that must never be mixed up.

/** The server said no, in so many words (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {any} body @param {number | undefined} retryAfter seconds @param {string | null} requestId */
  constructor(status, body, retryAfter, requestId) {
    super(body?.title ?? `HTTP ${status}`);
    this.status = status;
    /** Stable code, or '' when the answer did not come from the application. */
    this.code = typeof body?.code === 'string' ? body.code : '';
    this.detail = body?.detail ?? '';
    this.data = body ?? {};
    this.retryAfter = retryAfter;
    this.requestId = body?.request_id ?? requestId ?? '';
  }

  /** Whether the request may have been carried out all the same. */
  get unknown() {
    return this.status >= 500 || this.status === 408;
  }
}

/** No answer: the network, a time-out. Whether the request was carried out is unknown. */
export class Unreachable extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.status = 0;
    this.code = 'unreachable';
    this.data = {};
    this.requestId = '';
    this.unknown = true;
    this.retryAfter = undefined;
  }
}

function seconds(header) {
  if (!header) return undefined;
  const value = Number(header);
  return Number.isFinite(value) ? Math.min(Math.max(value, 0), 600) : 2;
}

/**
 * @typedef {{ method?: string, body?: any, key?: string, token?: string | null, timeout?: number, stop?: AbortSignal,
 *   accept?: string }} Options
 * @param {string} path @param {Options} [options]
 * @returns {Promise<{ status: number, data: any, retryAfter: number | undefined }>}
 * @throws {Problem | Unreachable}
 */
export async function exchange(path, options = {}) {
  const { method = 'GET', body, key, token, timeout = 10000, stop, accept = 'application/json' } = options;
  const headers = { Accept: accept, 'Accept-Language': document.documentElement.lang };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  if (token) headers.Authorization = `Bearer ${token}`;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout);
  const halt = () => limit.abort();
  stop?.addEventListener('abort', halt);
  try {
    const answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: limit.signal,
    });
    const kind = answer.headers.get('Content-Type') ?? '';
    const data = kind.includes('json') ? await answer.json() : answer.status === 204 ? null : await answer.blob();
    const retryAfter = seconds(answer.headers.get('Retry-After'));
    if (answer.ok) return { status: answer.status, data, retryAfter };
    const problem = kind.includes('json') ? data : null;
    throw new Problem(answer.status, problem, retryAfter, answer.headers.get('X-Request-ID'));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Unreachable(String(error));
  } finally {
    clearTimeout(timer);
    stop?.removeEventListener('abort', halt);
  }
}
