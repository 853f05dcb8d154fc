// A part of the site that a page's first load can do without: here a moment later, at once when it is needed.
import { useEffect, useState } from '../vendor/ui.js';
import { sleep } from './backoff.js';
import { needTexts } from './i18n.js';
import { loadModule } from './modules.js';

const LATER = 1500;
const TRIES = 4;

/** @param {string} path in web/ @param {string} [texts] parts of the texts that only it reads */
export async function loadPart(path, texts) {
  const [module] = await Promise.all([loadModule(path), texts && needTexts(texts)]);
  return module;
}

/** @param {string | null} path in web/, null for none @param {boolean} urgent @param {string} [texts] @returns {{ module: any, failed: boolean }} module: null until it is here */
export function usePart(path, urgent, texts) {
  const [part, setPart] = useState({ module: null, failed: false });
  useEffect(() => {
    if (part.module || !path) return undefined;
    let gone = false;
    const fetch = async () => {
      for (let tries = 0; tries < TRIES && !gone; tries++) {
        const module = await loadPart(path, texts).catch(() => null);
        if (module) return gone || setPart({ module, failed: false });
        await sleep(500 * 2 ** tries);
      }
      return gone || setPart({ module: null, failed: true });
    };
    const timer = setTimeout(fetch, urgent ? 0 : LATER);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [path, urgent]);
  return part;
}
