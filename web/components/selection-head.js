// The head of every page of course selection: where one is.
import { html, useEffect, useRef } from '../vendor/ui.js';
import { may } from '../lib/auth.js';
import { t } from '../lib/i18n.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { current } from '../lib/router.js';
import { usePart } from '../lib/use-part.js';

const PLACES = [
  ['/courses', 'courses.title'],
  ['/programme', 'programme.title'],
  ['/plan', 'plan.title'],
  ['/enrolments', 'mine.title'],
  ['/timetable', 'timetable.title'],
];

/** Which term the page is about, and the way to another. @param {{ shown?: string, usual?: string }} props see parts/term-choice.js */
export function Term(props) {
  const { module } = usePart('parts/term-choice.js', Boolean(chosenTerm()), 'late');
  return module && html`<${module.TermChoice} ...${props} />`;
}

/** @param {{ title: string, lead?: string, term?: { shown?: string, usual?: string } | null }} props term: null where there is nothing to choose */
export function SelectionHead({ title, lead, term = {} }) {
  const here = current.value?.path;
  const nav = useRef(null);
  // On a phone the row is wider than the screen: the place where one is comes into view.
  useEffect(() => {
    const link = nav.current?.querySelector('[aria-current]');
    if (link) nav.current.scrollLeft = link.offsetLeft - (nav.current.clientWidth - link.offsetWidth) / 2;
  }, [here, nav.current]);
  return html`<header class=${term ? 'page-head with-term' : 'page-head'}><h1>${title}</h1>${term && html`<${Term} ...${term} />`}${lead && html`<p class="lead">${lead}</p>`}</header>
    ${may('claims:own') && html`<nav class="subnav" ref=${nav} aria-label=${t('courses.places')}><ul>
      ${PLACES.map(([href, key]) => html`<li key=${href}><a href=${withTerm(href)} aria-current=${here === href ? 'page' : undefined}>${t(key)}</a></li>`)}
    </ul></nav>`}`;
}
