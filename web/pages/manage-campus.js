// College → department → major → class, side by side; on a phone one after the other.
import { html, useState } from '../vendor/ui.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { api, withQuery } from '../lib/api.js';
import { needTexts, t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { usePaged } from '../lib/paged.js';
import { useLoad } from '../lib/poll.js';
import { query, setQuery } from '../lib/router.js';
import { needs } from '../lib/staff-places.js';
import { EDIT } from '../lib/pictures.js';

const LIMIT = 200;
const LEVELS = [
  { name: 'college', path: '/api/manage/colleges' },
  { name: 'department', path: '/api/manage/departments' },
  { name: 'major', path: '/api/manage/majors' },
  { name: 'class', path: '/api/manage/classes' },
];

/** The dialog comes when it is wanted. */
function Dialog(props) {
  const load = useLoad(async () => (await Promise.all([loadModule('parts/unit.js'), needTexts('records'), needTexts('forms')]))[0], []);
  return load.data && html`<${load.data.UnitDialog} ...${props} />`;
}

function Column({ level, parent, chosen, onChoose, deepest }) {
  const load = usePaged(api, withQuery(level.path, { ...(parent && { [`${parent.level}_id`]: parent.id }), limit: LIMIT }), { id: 'id', limit: LIMIT, every: () => 0 });
  const [dialog, setDialog] = useState(null);
  const last = level.name === 'class';
  const done = (unit) => {
    setDialog(null);
    if (!unit && dialog.unit.id === chosen) onChoose('');
    load.again().catch(() => {});
  };
  return html`<section class="column" data-deepest=${deepest ? '' : undefined} aria-label=${t(`campus.${level.name}`)}>
    <div class="section-head"><h2>${t(`campus.${level.name}`)}</h2><button type="button" class="quiet" aria-label=${t(`campus.new_${level.name}`)} onClick=${() => setDialog({})}><${Icon} name="plus" /></button></div>
    <${Loaded} load=${load} rows=${3}>${(data) =>
      data.items.length === 0
        ? html`<${Empty} text=${t('campus.none')} />`
        : html`<ul class="units">${data.items.map(
            (unit) => html`<li key=${unit.id} data-chosen=${unit.id === chosen ? '' : undefined}>
              ${last
                ? html`<a class="unit" href=${`/manage/students?class_id=${unit.id}`}><span>${unit.name}</span><span class="muted small">${unit.grade}</span></a>`
                : html`<button type="button" class="unit" aria-current=${unit.id === chosen ? 'true' : undefined} onClick=${() => onChoose(unit.id)}><span>${unit.name}</span><${Icon} name="next" /></button>`}
              <button type="button" class="quiet" aria-label=${t('campus.change', { name: unit.name })} onClick=${() => setDialog({ unit: { ...unit } })}><${Icon} name=${EDIT} /></button>
            </li>`,
          )}</ul><${More} more=${load.more} />`}<//>
    ${dialog && html`<${Dialog} level=${level} parent=${parent} unit=${dialog.unit} onClose=${() => setDialog(null)} onDone=${done} />`}
  </section>`;
}

function View() {
  const chosen = LEVELS.slice(0, 3).map(({ name }) => query.value.get(name) ?? '');
  const depth = chosen.findIndex((id) => !id);
  const open = depth < 0 ? 3 : depth;
  const choose = (at) => (id) => setQuery(Object.fromEntries(LEVELS.slice(0, at + 1).map(({ name }, i) => [name, i === at ? id : chosen[i]])));
  return html`<${Desk} title=${t('staff.campus')} lead=${t('campus.lead')}>
    ${open > 0 && html`<p class="campus-up"><button type="button" class="quiet" onClick=${() => choose(open - 1)('')}><${Icon} name="back" />${t(`campus.${LEVELS[open - 1].name}`)}</button></p>`}
    <div class="columns">${LEVELS.slice(0, open + 1).map((level, i) => {
      const parent = i ? { level: LEVELS[i - 1].name, id: chosen[i - 1] } : null;
      return html`<${Column} key=${`${level.name} ${parent?.id}`} level=${level} parent=${parent} chosen=${chosen[i]} onChoose=${choose(i)} deepest=${i === open} />`;
    })}</div>
  <//>`;
}

export const page = { view: View, needs: needs.campus };
