// Texts in Chinese and English; the choice is kept in localStorage and set as the page's language.
import { signal, computed } from '../vendor/ui.js';

const STORE = 'seatrush.language';
const TAGS = { zh: 'zh-CN', en: 'en' };

/** @type {(path: string) => Promise<any>} */
let load = () => Promise.reject(new Error('no loader'));
const texts = signal({});
// '' is what every page needs; a page may need a part more.
const parts = new Set(['']);

/** 'zh' or 'en'. */
export const language = signal('zh');
/** The BCP 47 tag of the language. */
export const tag = computed(() => TAGS[language.value]);

function stored() {
  try {
    return localStorage.getItem(STORE) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

async function fetchTexts(lang) {
  const modules = await Promise.all([...parts].map((part) => load(`i18n/${lang}${part && `-${part}`}.js`)));
  return Object.assign({}, ...modules.map((module) => module.texts));
}

/** Load one more part of the texts. @param {string} part 'staff' */
export async function needTexts(part) {
  if (parts.has(part)) return;
  parts.add(part);
  texts.value = { ...texts.value, ...(await fetchTexts(language.value)) };
}

/** @param {'zh' | 'en'} next */
export async function setLanguage(next) {
  texts.value = await fetchTexts(next);
  language.value = next;
  document.documentElement.lang = TAGS[next];
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // A browser that keeps nothing still switches for this page.
  }
}

/** @param {(path: string) => Promise<any>} loader imports a module by its path in web/ */
export function startTexts(loader) {
  load = loader;
  return setLanguage(stored());
}

/** Whether there is a text for the key. @param {string} key */
export function has(key) {
  return key in texts.value;
}

/**
 * The text for a key, `{name}`s filled in; "one | many" is chosen by `n`.
 * @param {string} key @param {Record<string, string | number>} [values] @returns {string}
 */
export function t(key, values = {}) {
  let text = texts.value[key] ?? key;
  if (text.includes(' | ')) text = text.split(' | ')[Number(values.n) === 1 ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
