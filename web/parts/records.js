// The page of one record, or of a new one: its form, what else it can do, deleting it. Comes after a list's first load.
import { html, useRef, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Confirm } from '../components/dialog.js';
import { Loaded, Trouble } from '../components/feedback.js';
import { NewPassword } from '../components/new-password.js';
import { RecordForm } from '../components/record-form.js';
import { api } from '../lib/api.js';
import { explain } from '../lib/errors.js';
import { fieldsFor } from '../lib/fields.js';
import { has, t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { useLoad } from '../lib/poll.js';
import { navigate, query } from '../lib/router.js';
import { useSending } from '../lib/sending.js';
import { useTitle } from '../lib/title.js';

/** Why something cannot be deleted: what still hangs on it, and how much of each. */
function Uses({ error }) {
  const uses = Object.entries(error?.data?.uses ?? {}).filter(([, n]) => n);
  if (!uses.length) return null;
  return html`<p>${t('desk.uses', { uses: uses.map(([what, n]) => (has(`uses.${what}`) ? t(`uses.${what}`, { n }) : `${what} ${n}`)).join(t('lecture.and')) })}</p>`;
}

/** Deleting asks first, at once when it is put on the page. @param {{ definition: any, row: any, gone: () => void }} props */
export function Deleting({ definition, row, gone }) {
  const [asking, setAsking] = useState(true);
  const sending = useSending();
  const run = async () => {
    if (await sending.send(() => api(`${definition.path}/${row.id}`, { method: 'DELETE' }))) gone();
  };
  const title = definition.titleOf(row);
  return html`<${Answer} error=${sending.error}><${Uses} error=${sending.error} /><//>
    <${Confirm} open=${asking} danger title=${t('desk.delete_title', { name: title })} text=${t(has(`desk.delete_${definition.name}`) ? `desk.delete_${definition.name}` : 'desk.delete_text')} confirm=${t('desk.delete')} onConfirm=${run} onClose=${() => setAsking(false)} />`;
}

/** What else is done with a row, by a part of its own. */
export function Acting({ definition, row, onRow }) {
  const load = useLoad(() => loadModule(`parts/${definition.act.part}.js`), []);
  return html`<${Loaded} load=${load} rows=${1}>${(part) => html`<${part.Acting} row=${row} onRow=${onRow} />`}<//>`;
}

const backTo = (definition) => ({ href: `/manage/${definition.name}${definition.last ?? ''}`, label: t(`staff.${definition.name}`) });

function New({ definition }) {
  const [made, setMade] = useState(null);
  const title = t(`new.${definition.name}`);
  useTitle(title);
  const save = async (body) => {
    const { data } = await api(definition.path, { method: 'POST', body: definition.bodyOf?.(body) ?? body });
    if (data?.password) return setMade(data);
    return navigate(definition.fixed ? `/manage/${definition.name}${location.search}` : `/manage/${definition.name}/${data.id}`, { replace: true });
  };
  const given = { ...Object.fromEntries(query.value), ...definition.given?.() };
  return html`<${Desk} title=${title} back=${backTo(definition)}>
    ${made
      ? html`<${NewPassword} password=${made.password} name=${made.username} /><p class="actions"><a class="button primary" href=${`/manage/${definition.name}/${made.id}`}>${definition.titleOf(made)}</a><a class="button" href=${`/manage/${definition.name}`}>${t(`staff.${definition.name}`)}</a></p>`
      : html`<${RecordForm} fields=${fieldsFor(definition.fields, true)} given=${given} save=${save} label=${title} force=${definition.force} />`}
  <//>`;
}

/** What the page of a record has beyond its form. */
function Extra({ name, ...rest }) {
  const load = useLoad(() => loadModule(`parts/${name}.js`), [name]);
  return load.data && html`<${load.data.Extra} ...${rest} />`;
}

function Editor({ definition, loaded }) {
  const [record, setRecord] = useState(loaded);
  const [base, setBase] = useState({ record: loaded, count: 0 });
  const [leaving, setLeaving] = useState(0);
  const version = useRef(loaded.version);
  const address = `${definition.path}/${loaded.id}`;
  const title = definition.titleOf(record);
  useTitle(title);
  const take = (data) => {
    version.current = data.version ?? version.current;
    setRecord(data);
    return data;
  };
  // Something beside the form changed the record: the form begins anew with it.
  const renew = (data) => setBase({ record: take(data), count: base.count + 1 });
  // What others did is shown, and the form left alone: saving it is a conflict, in which both are merged.
  const hear = (data) => setRecord((old) => (data.version < old.version ? old : { ...old, ...data }));
  // The version that was read: somebody else's change in between is a conflict, not overwritten.
  const save = async (body) => take((await api(address, { method: 'PATCH', body: { ...(definition.bodyOf?.(body) ?? body), version: version.current } })).data);
  const newest = async () => take((await api(address)).data);
  const deletes = definition.deletes !== false;
  return html`<${Desk} title=${title} back=${backTo(definition)} action=${deletes && html`<button type="button" class="danger-text" onClick=${() => setLeaving(leaving + 1)}>${t('desk.delete')}</button>`}>
    ${leaving > 0 && html`<${Deleting} key=${leaving} definition=${definition} row=${record} gone=${() => navigate(`/manage/${definition.name}${definition.last ?? ''}`, { replace: true })} />`}
    ${definition.extra && html`<${Extra} name=${definition.extra} definition=${definition} record=${record} onRecord=${renew} onNews=${hear} />`}
    ${!definition.closed?.(record) && html`<${RecordForm} key=${base.count} fields=${fieldsFor(definition.fields, false)} record=${base.record} save=${save} newest=${newest} label=${t('desk.save')} force=${definition.force} />`}
  <//>`;
}

function One({ definition, id }) {
  const load = useLoad(async () => (await api(`${definition.path}/${id}`)).data, [id]);
  if (load.error?.status === 404) return html`<${Desk} title=${explain(load.error)} back=${backTo(definition)}><${Trouble} error=${load.error} /><//>`;
  if (load.data === null) return html`<${Desk} title=${t(`staff.${definition.name}`)} back=${backTo(definition)}><${Loaded} load=${load} rows=${6} /><//>`;
  return html`<${Editor} definition=${definition} loaded=${load.data} />`;
}

/** @param {{ definition: import('../components/records.js').Definition, param: string }} props param: "new", or an id */
export function RecordPage({ definition, param }) {
  return param === 'new' ? html`<${New} definition=${definition} />` : html`<${One} definition=${definition} id=${param} />`;
}

/** The form alone, for a dialog. */
export const Form = RecordForm;
