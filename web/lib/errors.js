// problem+json codes in the reader's own words.
import { has, t } from './i18n.js';

/** The sentence for a failed request. @param {any} error Problem or Unreachable */
export function explain(error) {
  const code = error?.code ?? '';
  if (code === 'not_eligible' && error.data?.rule) return t('book.not_eligible', { reason: because(error.data.rule) });
  if (code && has(`error.${code}`)) return t(`error.${code}`, error.data);
  const status = error?.status ?? 0;
  if (has(`error.http_${status}`)) return t(`error.http_${status}`);
  if (status >= 500) return t('error.http_500');
  return error?.detail || t('error.other');
}

/** Why a claim was rejected or cannot be made. @param {string | null | undefined} reason */
export function because(reason) {
  if (!reason) return '';
  if (has(`reason.${reason}`)) return t(`reason.${reason}`);
  return has(`error.${reason}`) ? t(`error.${reason}`) : t('reason.other', { code: reason });
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
