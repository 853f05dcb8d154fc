// The frame of the staff's pages: where else they may go, the page's head, and the page.
import { html, useEffect, useRef } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';
import { current } from '../lib/router.js';
import { addressOf, places } from '../lib/staff-places.js';
import { Icon } from './icons.js';

function Places() {
  const path = current.value?.path ?? '';
  const nav = useRef(null);
  // The list may be longer than the window: the place where one is, is in sight.
  useEffect(() => {
    const here = nav.current.querySelector('[aria-current]');
    if (here) nav.current.scrollTop = here.offsetTop - nav.current.clientHeight / 2;
  }, [path]);
  return html`<nav class="desk-nav no-print" aria-label=${t('desk.nav')} ref=${nav}>
    <p class="desk-home"><a href="/manage">${t('desk.title')}</a></p>
    ${places().map(
      ([group, names]) => html`<section key=${group}><h2>${t(`desk.${group}`)}</h2><ul>
        ${names.map((name) => {
          const href = addressOf(name);
          const here = path === href || (href !== '/ops' && path.startsWith(`${href}/`));
          return html`<li key=${name}><a href=${href} aria-current=${here ? (path === href ? 'page' : 'true') : undefined}>${t(`staff.${name}`)}</a></li>`;
        })}
      </ul></section>`,
    )}
  </nav>`;
}

/** @param {{ href: string, label: string }} props */
export function Back({ href, label }) {
  return html`<a class="back-link no-print" href=${href}><${Icon} name="back" />${label}</a>`;
}

/**
 * @param {{ title: any, lead?: any, back?: { href: string, label: string }, action?: any, children?: any }} props
 *   back: of a page below another one; the others lead back to /manage where the places are not beside the page
 */
export function Desk({ title, lead, back, action, children }) {
  return html`<div class="desk">
    <${Places} />
    <div class="desk-main">
      <header class="page-head with-action">
        <div>${back ? html`<${Back} ...${back} />` : html`<span class="desk-narrow"><${Back} href="/manage" label=${t('desk.title')} /></span>`}
          <h1>${title}</h1>${lead && html`<p class="lead">${lead}</p>`}</div>
        ${action && html`<div class="actions no-print">${action}</div>`}
      </header>
      ${children}
    </div>
  </div>`;
}
