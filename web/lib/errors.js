// problem+json codes in the reader's own words.
import { has, t } from './i18n.js';

/** The first of these texts that there is and whose slots can be filled. */
function said(keys, values) {
  return keys.map((key) => (has(key) ? t(key, values) : '{')).find((text) => !/\{\w*/.test(text));
}

/**
 * The sentence for a failed request. @param {any} error Problem or Unreachable
 * @param {string} [kind] of the offering it is about: a section has words of its own (`why.…`)
 */
export function explain(error, kind) {
  const { code = '', data = {}, status = 0, detail } = error ?? {};
  if (code === 'not_eligible' && data.rule) return t(kind === 'section' ? 'why.not_eligible' : 'book.not_eligible', { reason: because(data.rule, kind) });
  const values = { ...data, offering_title: data.offering_title || undefined };
  const known = code && said([...(kind === 'section' ? [`why.${code}_named`, `why.${code}`] : []), `error.${code}`], values);
  // A code that this page has no words for: the server's own, in the page's language for whoever is signed in.
  return known || (code && detail) || (has(`error.http_${status}`) ? t(`error.http_${status}`) : status >= 500 ? t('error.http_500') : detail || t('error.other'));
}

/** A refusal that an enrolment would get. @param {any} problem of a standing, a plan or a cart */
export function whyNot(problem) {
  return explain({ code: problem.code, detail: problem.detail, data: problem }, 'section');
}

/** Why a claim was rejected or cannot be made. @param {string | null | undefined} reason @param {string} [kind] */
export function because(reason, kind) {
  if (!reason) return '';
  return said([...(kind === 'section' ? [`why.${reason}`] : []), `reason.${reason}`, `error.${reason}`], {}) ?? t('reason.other', { code: reason });
}

/** Field messages of a 422, as [field, message] pairs. @param {any} error @returns {[string, string][]} */
export function fieldErrors(error) {
  const found = [];
  const walk = (value, path) => {
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) found.push([path.at(-1) ?? '', value.join(' ')]);
    else if (value && typeof value === 'object') for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
  };
  walk(error?.data?.errors, []);
  return found;
}
