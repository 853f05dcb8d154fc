// Texts in Chinese and English; the choice is kept in localStorage and set as the page's language.
import { signal, computed } from '../vendor/ui.js';
import { loadModule } from './modules.js';

const STORE = 'seatrush.language';
const TAGS = { zh: 'zh-CN', en: 'en' };

const texts = signal({});
// '' is what every page needs; a page may need a part more.
const parts = new Set(['']);

/** The language that is being read; `language` follows when its texts are here. @type {'zh' | 'en'} */
let chosen = 'zh';
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
  const modules = await Promise.all([...parts].map((part) => loadModule(`i18n/${lang}${part && `-${part}`}.js`)));
  return Object.assign({}, ...modules.map((module) => module.texts));
}

/** Read what is missing and show it; a switch that came later wins, whichever is read first. */
async function fill() {
  const lang = chosen;
  const read = await fetchTexts(lang);
  if (lang !== chosen) return;
  // What was read beside this, for another part of the same language, stays.
  texts.value = language.value === lang ? { ...texts.value, ...read } : read;
  language.value = lang;
  document.documentElement.lang = TAGS[lang];
}

/** Load more parts of the texts. @param {string} names with spaces between, such as 'selection term' */
export async function needTexts(names) {
  const missing = names.split(' ').filter((part) => !parts.has(part));
  if (!missing.length) return;
  missing.forEach((part) => parts.add(part));
  try {
    await fill();
  } catch (error) {
    missing.forEach((part) => parts.delete(part));
    throw error;
  }
}

/** @param {'zh' | 'en'} next */
export async function setLanguage(next) {
  chosen = next;
  try {
    await fill();
  } catch (error) {
    if (chosen === next) chosen = language.value;
    throw error;
  }
  try {
    localStorage.setItem(STORE, next);
  } catch {
    // A browser that keeps nothing still switches for this page.
  }
}

/** The texts of the language that was chosen last. */
export function startTexts() {
  chosen = stored();
  return fill();
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
  return text.replace(/\{(\w+)\}/g, (whole, name) => (values[name] === undefined ? whole : String(values[name])));
}
