// Creating, renaming and deleting a college, department, major or class.
import { html, useState } from '../vendor/ui.js';
import { Modal } from '../components/modal.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { Deleting, Form } from './records.js';

const NAME = { name: 'name', kind: 'text', required: true, most: 64 };
const CLASS = [
  NAME,
  { name: 'grade', kind: 'whole', required: true, min: 1900, max: 2200, hint: 'hint.grade' },
  { name: 'class_no', kind: 'whole', required: true, min: 1, max: 999 },
  { name: 'graduation_credits', kind: 'tenths', required: true },
];

/** Creating a unit below its parent, or changing one; deleting asks first. */
export function UnitDialog({ level, parent, unit, onClose, onDone }) {
  const [leaving, setLeaving] = useState(0);
  const save = async (body) => {
    const above = parent ? { [`${parent.level}_id`]: parent.id } : {};
    const { data } = unit
      ? await api(`${level.path}/${unit.id}`, { method: 'PATCH', body: { ...body, version: unit.version } })
      : await api(level.path, { method: 'POST', body: { ...body, ...above } });
    onDone(data);
  };
  const newest = async () => {
    const { data } = await api(`${level.path}/${unit.id}`);
    Object.assign(unit, data);
    return data;
  };
  const deletion = { path: level.path, name: 'campus', titleOf: (one) => one.name };
  return html`<${Modal} title=${t(unit ? `campus.change_${level.name}` : `campus.new_${level.name}`)} onClose=${onClose}>
    <${Form} fields=${level.name === 'class' ? CLASS : [NAME]} record=${unit} save=${save} newest=${newest} label=${t(unit ? 'desk.save' : 'campus.add')} />
    ${leaving > 0 && html`<${Deleting} key=${leaving} definition=${deletion} row=${unit} gone=${() => onDone(null)} />`}
    ${unit && html`<p class="actions"><button type="button" class="danger-text" onClick=${() => setLeaving(leaving + 1)}>${t('desk.delete')}</button></p>`}
  <//>`;
}
