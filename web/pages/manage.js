// The staff's first page: everything that this person may do, each with one sentence.
import { html } from '../vendor/ui.js';
import { Icon } from '../components/icons.js';
import { t } from '../lib/i18n.js';
import { addressOf, needsAny, places } from '../lib/staff-places.js';

const ICONS = { people: 'person', teaching: 'lectures', selection: 'claims', events: 'calendar', exchange: 'download', operations: 'clock', system: 'manage' };

function Group({ group, names }) {
  return html`<section><h2>${t(`desk.${group}`)}</h2>
    <ul class="cards places">${names.map((name) => html`<li class="card" key=${name}><${Icon} name=${ICONS[group]} /><h3><a class="cover" href=${addressOf(name)}>${t(`staff.${name}`)}</a></h3><p>${t(`about.${name}`)}</p></li>`)}</ul>
  </section>`;
}

function View() {
  return html`<header class="page-head"><h1>${t('desk.title')}</h1><p class="lead">${t('desk.lead')}</p></header>
    ${places().map(([group, names]) => html`<${Group} key=${group} group=${group} names=${names} />`)}`;
}

export const page = { view: View, needs: needsAny };
