// The manager's list: every lecture, drafts and cancelled ones too.
import { html, useRef } from '../vendor/ui.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { PhaseBadge } from '../components/badge.js';
import { phaseAt } from '../components/lecture.js';
import { Counted } from '../components/seats.js';
import { api, withQuery } from '../lib/api.js';
import { tick } from '../lib/clock.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { query, setQuery } from '../lib/router.js';

const LIMIT = 30;
const PHASES = ['', 'open', 'upcoming', 'closed', 'past'];

function Table({ items }) {
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t('manage.title')}>
    <table class="grid">
      <thead><tr><th scope="col">${t('manage.lecture')}</th><th scope="col">${t('manage.state')}</th><th scope="col">${t('lecture.opens')}</th><th scope="col">${t('lecture.when')}</th><th scope="col" class="num">${t('manage.taken')}</th><th scope="col" class="num">${t('manage.waiting')}</th></tr></thead>
      <tbody>
        ${items.map(
          (lecture) => html`<tr key=${lecture.id}>
            <th scope="row"><a href=${`/manage/lectures/${lecture.id}`}>${lecture.title}</a><span class="muted small">${lecture.speaker}</span></th>
            <td data-label=${t('manage.state')}><${PhaseBadge} phase=${phaseAt(lecture, tick.value)} /></td>
            <td data-label=${t('lecture.opens')} class="nowrap">${moment(lecture.opens_at)}</td>
            <td data-label=${t('lecture.when')} class="nowrap">${moment(lecture.starts_at)}</td>
            <td data-label=${t('manage.taken')} class="num">${lecture.seats_left === null ? '—' : lecture.capacity - lecture.seats_left} / ${lecture.capacity}</td>
            <td data-label=${t('manage.waiting')} class="num">${lecture.waiting ?? 0} / ${lecture.waitlist_capacity}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function View() {
  const filters = Object.fromEntries(['q', 'phase'].map((name) => [name, query.value.get(name) ?? '']));
  const address = withQuery('/api/manage/lectures', { ...filters, limit: LIMIT });
  const timer = useRef(0);
  const load = usePaged(api, address, { id: 'id', limit: LIMIT, every: () => 8000 });
  const type = (event) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setQuery({ ...filters, q: event.target.value.trim() }), 300);
  };
  return html`<header class="page-head with-action"><div><h1>${t('manage.title')}</h1><p class="lead">${t('manage.lead')}</p></div>
      <a class="button primary" href="/manage/lectures/new"><${Icon} name="plus" />${t('manage.new')}</a></header>
    <form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
      <div class="search-box"><${Icon} name="search" /><input type="search" aria-label=${t('filter.search')} placeholder=${t('filter.search')} defaultValue=${filters.q} onInput=${type} /></div>
      <fieldset class="segments"><legend class="visually-hidden">${t('filter.phase')}</legend>
        ${PHASES.map((phase) => html`<label key=${phase}><input type="radio" name="phase" value=${phase} checked=${filters.phase === phase} onChange=${() => setQuery({ ...filters, phase })} /><span>${t(phase ? `phase.${phase}` : 'filter.all')}</span></label>`)}
      </fieldset>
    </form>
    <${Loaded} load=${load} rows=${5}>
      ${(data) =>
        data.items.length === 0
          ? html`<${Empty} title=${t('manage.none')} text=${t('manage.none_text')}><a class="button" href="/manage/lectures/new">${t('manage.new')}</a><//>`
          : html`<${Table} items=${data.items} />
              <${Counted} offerings=${data.items} />
              <${More} more=${load.more} />`}
    <//>`;
}

export const page = { view: View, needs: 'lectures:manage' };
