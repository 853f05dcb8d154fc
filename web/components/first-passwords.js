// The way to first passwords, above a list of people; what it does comes a moment after the page.
import { html } from '../vendor/ui.js';
import { usePart } from '../lib/use-part.js';

/** The tools of a list. @param {string} name as in addresses */
export function handsOut(name) {
  return function Tools({ values }) {
    const { module } = usePart('parts/first-passwords.js', false, 'forms');
    return module && html`<${module.HandOut} path=${`/api/manage/${name}`} name=${name} values=${values} />`;
  };
}
