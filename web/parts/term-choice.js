// Which term a page of course selection is about, and the way to another: kept in the address as term_id.
import { html } from '../vendor/ui.js';
import { open } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';
import { query, setQuery } from '../lib/router.js';
import { chosenTerm } from '../lib/rounds.js';

const named = ({ name, current, selecting }) => (selecting ? t('term.selecting', { name }) : current ? t('term.current', { name }) : name);

/** @param {{ shown?: string, usual?: 'selecting' | 'current' }} props usual: the page's own; shown: what it shows, when it knows */
export function TermChoice({ shown, usual = 'selecting' }) {
  const load = useLoad(async () => (await open('/api/terms?limit=100')).data.items, []);
  const own = load.data?.find((one) => one[usual])?.id ?? '';
  if (!(load.data?.length > 1)) return null;
  const choose = (id) => setQuery({ ...Object.fromEntries(query.value), week: '', term_id: id === own ? '' : id });
  return html`<select class="term-choice no-print" aria-label=${t('term.choice')} value=${shown ?? (chosenTerm() || own)} onChange=${(event) => choose(event.target.value)}>
    ${load.data.map((one) => html`<option key=${one.id} value=${one.id}>${named(one)}</option>`)}
  </select>`;
}
