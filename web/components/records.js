// A table of records with its filters in the address, and the page of one record: all tables of the staff are this one.
import { html, useRef, useState } from '../vendor/ui.js';
import { api, withQuery } from '../lib/api.js';
import { useChoices } from '../lib/choices.js';
import { needTexts, t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { usePaged } from '../lib/paged.js';
import { useLoad } from '../lib/poll.js';
import { query, setQuery } from '../lib/router.js';
import { needs } from '../lib/staff-places.js';
import { Desk } from './desk.js';
import { Empty, Loaded, More } from './feedback.js';
import { Icon } from './icons.js';
import { CLOSE } from '../lib/pictures.js';

const LIMIT = 50;

/**
 * @typedef {{ name: string, path: string, columns: { key: string, cell?: (row: any) => any, num?: boolean, wrap?: boolean }[],
 *   filters?: { name: string, options?: any[], say?: (one: any) => string, choices?: string, none?: string, chip?: (id: string) => Promise<string> }[],
 *   form?: string, fields?: import('../lib/fields.js').FieldOf[], titleOf: (row: any) => string, search?: boolean, fixed?: boolean,
 *   given?: () => any, closed?: (record: any) => boolean, id?: string, act?: { part: string, offered: (row: any) => boolean }, extra?: string, last?: string, tools?: any, creates?: boolean, deletes?: boolean, bodyOf?: (body: any) => any, needed?: string }} Definition
 *   form: the part with `fields`, and perhaps `bodyOf` and `closed`, which come with the form; closed: of a record that is not changed any more; fixed: made and deleted, never changed, so that a record has no page;
 *   id: what names a row, "id" as a rule; act: what is done with a row that is neither changed nor deleted, by which part and for which rows; extra: the part with what the page of a record
 *   has more;
 *   tools: more buttons above the table; creates, deletes: false when that
 *   is not done here; bodyOf: what is sent instead of the fields as they are; needed: the filter without
 *   which nothing is listed
 */

function Select({ filter, value, onValue }) {
  const listed = useChoices(filter.choices);
  const options = filter.options ? filter.options.map((one) => [one, filter.say?.(one) ?? one]) : (listed ?? []);
  return html`<select aria-label=${t(`field.${filter.name}`)} onChange=${(event) => onValue(event.target.value)}>
    <option value="">${filter.none ? t(filter.none) : filter.choices === 'terms' ? t('desk.selecting') : t('desk.any', { what: t(`field.${filter.name}`) })}</option>
    ${options.map(([id, name]) => html`<option key=${id} value=${id} selected=${String(id) === value}>${name}</option>`)}
  </select>`;
}

/** A filter that comes with a link from elsewhere: said by name, taken away with a press. */
function Chosen({ filter, value, onValue }) {
  const load = useLoad(() => filter.chip(value), [value]);
  const name = load.data ?? value;
  return html`<p class="chip"><span>${t(`field.${filter.name}`)}${t('desk.colon')}${name}</span><button type="button" class="quiet" aria-label=${t('desk.take_away', { name })} onClick=${() => onValue('')}><${Icon} name=${CLOSE} /></button></p>`;
}

function Filters({ definition, values }) {
  const { filters = [], search = true } = definition;
  const timer = useRef(0);
  const put = (name) => (value) => setQuery({ ...Object.fromEntries(query.value), [name]: value });
  const type = (event) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => put('q')(event.target.value.trim()), 300);
  };
  if (!search && !filters.length) return null;
  return html`<form class="record-filters no-print" role="search" onSubmit=${(event) => event.preventDefault()}>
    ${search && html`<div class="search-box"><${Icon} name="search" /><input type="search" aria-label=${t(`search.${definition.name}`)} placeholder=${t(`search.${definition.name}`)} defaultValue=${values.q} onInput=${type} /></div>`}
    ${filters.filter((one) => !one.chip).map((filter) => html`<${Select} key=${filter.name} filter=${filter} value=${values[filter.name]} onValue=${put(filter.name)} />`)}
    ${filters.filter((one) => one.chip && values[one.name]).map((filter) => html`<${Chosen} key=${filter.name} filter=${filter} value=${values[filter.name]} onValue=${put(filter.name)} />`)}
  </form>`;
}

function Row({ definition, row, onDelete, onAct }) {
  const [first, ...others] = definition.columns;
  const cell = ({ key, cell: show }) => (show ? show(row) : row[key]) ?? '—';
  const title = definition.fixed || definition.act ? cell(first) : html`<a href=${`/manage/${definition.name}/${row.id}`}>${cell(first)}</a>`;
  return html`<tr>
    <th scope="row">${title}</th>
    ${others.map((one) => html`<td key=${one.key} class=${one.num ? 'num' : one.wrap ? 'wrap' : undefined} data-label=${t(`field.${one.key}`)}>${cell(one)}</td>`)}
    ${definition.fixed && html`<td class="row-action"><button type="button" class="quiet danger-text" aria-label=${`${t('desk.delete')} ${definition.titleOf(row)}`} onClick=${() => onDelete(row)}>${t('desk.delete')}</button></td>`}
    ${definition.act && html`<td class="row-action">${definition.act.offered(row) && html`<button type="button" class="quiet" aria-label=${`${t(`act.${definition.name}`)} ${definition.titleOf(row)}`} onClick=${() => onAct(row)}>${t(`act.${definition.name}`)}</button>`}</td>`}
  </tr>`;
}

function Table({ definition, items, ...rest }) {
  const over = definition.fixed ? 'desk.delete' : definition.act && `act.${definition.name}`;
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label=${t(`staff.${definition.name}`)}><table class="grid">
    <thead><tr>${definition.columns.map((one) => html`<th scope="col" key=${one.key} class=${one.num ? 'num' : undefined}>${t(`field.${one.key}`)}</th>`)}${over && html`<th scope="col"><span class="visually-hidden">${t(over)}</span></th>`}</tr></thead>
    <tbody>${items.map((row) => html`<${Row} key=${row[definition.id ?? 'id']} definition=${definition} row=${row} ...${rest} />`)}</tbody>
  </table></div>`;
}

/** What the filters leave. */
function Items({ definition, values }) {
  const address = withQuery(definition.path, { ...values, limit: LIMIT });
  const id = definition.id ?? 'id';
  const load = usePaged(api, address, { id, limit: LIMIT, every: () => 0 });
  const [late, setLate] = useState(null);
  const press = (name) => (row) => setLate((old) => ({ name, row, press: (old?.press ?? 0) + 1 }));
  const change = (items) => load.change((data) => ({ ...data, items: items(data.items) }));
  const some = Object.values(values).some(Boolean);
  const clear = () => {
    setQuery({});
    document.querySelectorAll('.record-filters input').forEach((box) => (box.value = ''));
  };
  return html`${late && html`<${Later} ...${late} key=${late.press} definition=${definition} gone=${() => change((items) => items.filter((one) => one[id] !== late.row[id]))} onRow=${(row) => change((items) => items.map((one) => (one[id] === row[id] ? row : one)))} />`}
    <${Loaded} load=${load} rows=${6}>${(data) =>
      data.items.length === 0
        ? html`<${Empty} text=${t(some ? 'desk.none_found' : 'desk.none')}>${some && html`<button type="button" onClick=${clear}>${t('filter.clear')}</button>`}<//>`
        : html`<${Table} definition=${definition} items=${data.items} onAct=${press('Acting')} onDelete=${press('Deleting')} /><${More} more=${load.more} />`}<//>`;
}

function List({ definition }) {
  const names = ['q', ...(definition.filters ?? []).map((one) => one.name)];
  const values = Object.fromEntries(names.map((name) => [name, query.value.get(name) ?? '']));
  // For the way back from a record.
  definition.last = query.value.size ? `?${query.value}` : '';
  const action = html`${definition.tools && html`<${definition.tools} values=${values} />`}
    ${definition.creates !== false && html`<a class="button primary" href=${`/manage/${definition.name}/new${definition.last}`}><${Icon} name="plus" />${t(`new.${definition.name}`)}</a>`}`;
  const waits = definition.needed && !values[definition.needed];
  return html`<${Desk} title=${t(`staff.${definition.name}`)} lead=${t(`about.${definition.name}`)} action=${action}>
    <${Filters} definition=${definition} values=${values} />
    ${waits ? html`<${Empty} text=${t('desk.choose_first', { what: t(`field.${definition.needed}`) })} />` : html`<${Items} definition=${definition} values=${values} />`}
  <//>`;
}

/** What comes after the page, with its texts: a list does without. @param {{ name: string, [prop: string]: any }} props of parts/records.js */
export function Later({ name, ...props }) {
  const load = useLoad(async () => {
    const [part, form] = await Promise.all([loadModule('parts/records.js'), props.definition?.form && loadModule(`parts/${props.definition.form}.js`), needTexts('forms')]);
    Object.assign(props.definition ?? {}, form?.form);
    return part;
  }, []);
  return html`<${Loaded} load=${load} rows=${6}>${(part) => html`<${part[name]} ...${props} />`}<//>`;
}

/** The page of a kind of records: the list, /new, and each by its id. @param {Definition} definition */
export function recordsPage(definition) {
  function View({ param }) {
    return param && !definition.act ? html`<${Later} name="RecordPage" definition=${definition} param=${param} />` : html`<${List} definition=${definition} />`;
  }
  return { view: View, needs: needs[definition.name] };
}
