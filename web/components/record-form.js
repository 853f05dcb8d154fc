// The form of a record, made from its fields: creating, changing what was changed, and what happens when somebody was faster.
import { html, useRef, useState } from '../vendor/ui.js';
import { Answer } from './answer.js';
import { Audience } from './audience.js';
import { Check, Field } from './field.js';
import { Lookup, Lookups } from './lookup.js';
import { useChoices } from '../lib/choices.js';
import { fieldErrors } from '../lib/errors.js';
import { bodyOf, differing, formOf, mistakesOf } from '../lib/fields.js';
import { t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { useLoad } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';

const TYPES = { date: 'date', moment: 'datetime-local' };
const MODES = { whole: 'numeric', tenths: 'decimal' };

function Select({ field, value, ...rest }) {
  const listed = useChoices(field.choices);
  const options = field.options ? field.options.map((one) => [one, field.say(one)]) : (listed ?? []);
  // A choice that is not in the list any more is still what the record has.
  const known = value === '' || options.some(([id]) => String(id) === String(value));
  return html`<${Field} as="select" value=${value} ...${rest}>
    ${(!field.required || value === '') && html`<option value="">${t('form.choose')}</option>`}
    ${!known && html`<option value=${value}>${value}</option>`}
    ${options.map(([id, name]) => html`<option key=${id} value=${id} selected=${String(id) === String(value)}>${name}</option>`)}
  <//>`;
}

function Some({ field, label, value, onValue }) {
  return html`<fieldset class="group"><legend>${label}</legend>${field.options.map(
    (one) => html`<${Check} key=${one} label=${field.say(one)} checked=${value.includes(one)} onValue=${(on) => onValue(field.options.filter((other) => (other === one ? on : value.includes(other))))} />`,
  )}</fieldset>`;
}

/** A field that is a small page of its own comes when it is needed. */
function Part({ field, ...rest }) {
  const load = useLoad(() => loadModule(`parts/${field.part}.js`), [field.part]);
  return load.data && html`<${load.data.Part} ...${rest} />`;
}

function Entry({ field, label, ...rest }) {
  const { kind } = field;
  const told = { label, hint: field.hint && t(field.hint), ...rest };
  if (kind === 'choice') return html`<${Select} field=${field} ...${told} />`;
  if (kind === 'one') return html`<${Lookup} search=${field.search} ...${told} />`;
  if (kind === 'many') return html`<${Lookups} search=${field.search} ...${told} />`;
  if (kind === 'some') return html`<${Some} field=${field} ...${told} />`;
  if (kind === 'check') return html`<${Check} label=${label} checked=${rest.value} onValue=${rest.onValue} />`;
  if (kind === 'audience') return html`<fieldset class="group"><legend>${label}</legend><${Audience} value=${rest.value} onValue=${rest.onValue} />${rest.error && html`<p class="field-error">${rest.error}</p>`}</fieldset>`;
  if (kind === 'part') return html`<${Part} field=${field} ...${told} />`;
  if (kind === 'area' || kind === 'days') return html`<${Field} as="textarea" rows=${field.rows ?? 3} maxlength=${field.most} ...${told} />`;
  return html`<${Field} type=${TYPES[kind] ?? 'text'} inputmode=${MODES[kind]} maxlength=${field.most} autocomplete="off" ...${told} />`;
}

const WIDE = ['area', 'days', 'many', 'some', 'audience', 'part'];

/**
 * @param {{ fields: import('../lib/fields.js').FieldOf[], record?: any, given?: any, label: string, save: (body: any) => Promise<any>,
 *   newest?: () => Promise<any>, done?: string, force?: { codes: string[], View: any } }} props
 *   record: what is changed; given: what a new one begins with; newest: reads the record again; force: what is asked when an
 *   answer has one of these codes, and then sent again with `force` and a reason
 */
export function RecordForm({ fields, record, given, label, save, newest, done, force }) {
  const [form, setForm] = useState(() => formOf(fields, record, given));
  const [before, setBefore] = useState(() => record && formOf(fields, record));
  const [shown, setShown] = useState({});
  const [others, setOthers] = useState([]);
  const box = useRef(null);
  const last = useRef({});
  const sending = useSending();
  const asked = fields.filter((field) => !field.unless?.(form));
  const nameOf = (name) => t(fields.find((field) => field.name === name)?.label ?? `field.${name}`);

  /** What somebody else changed meanwhile is taken over, except where this form changed the same. */
  async function meet() {
    const fresh = formOf(fields, await newest());
    const theirs = differing(fields, before, fresh);
    setForm((mine) => ({ ...mine, ...Object.fromEntries(theirs.filter((name) => JSON.stringify(mine[name]) === JSON.stringify(before[name])).map((name) => [name, fresh[name]])) }));
    setBefore(fresh);
    setOthers(theirs);
  }

  async function submit(event) {
    event.preventDefault();
    const wrong = mistakesOf(asked, form);
    setShown(Object.fromEntries(Object.entries(wrong).map(([name, key]) => [name, t(key, fields.find((field) => field.name === name))])));
    sending.clear();
    if (Object.keys(wrong).length) return setTimeout(() => box.current?.querySelector('[aria-invalid]')?.focus());
    const body = bodyOf(asked, form, before);
    if (before && !Object.keys(body).length) return sending.send(async () => 'unchanged');
    setOthers([]);
    last.current = body;
    await send(body);
  }

  function send(body) {
    return sending.send(async () => {
      try {
        const data = await save(body);
        if (record && data) {
          setBefore(formOf(fields, data));
          setForm(formOf(fields, data));
        }
      } catch (error) {
        setShown(Object.fromEntries(fieldErrors(error)));
        if (error.code === 'conflict' && newest) await meet().catch(() => {});
        throw error;
      }
    });
  }

  const entry = (field) => html`<div key=${field.name} class=${WIDE.includes(field.kind) ? 'wide' : undefined}><${Entry} field=${field} label=${nameOf(field.name)} value=${form[field.name]} error=${shown[field.name]}
    onValue=${(value) => (sending.clear(), setForm((old) => ({ ...old, [field.name]: value })))} /></div>`;
  return html`<form class="form record" onSubmit=${submit} novalidate ref=${box}>
    <div class="form-grid">${asked.map(entry)}</div>
    <${Answer} error=${sending.error} done=${sending.done && (sending.done === 'unchanged' ? t('form.unchanged') : (done ?? t('form.saved')))}>
      ${others.length > 0 && html`<p>${t('form.others', { names: others.map(nameOf).join(t('lecture.and')) })}</p>`}
    <//>
    ${force?.codes.includes(sending.error?.code) && html`<${force.View} error=${sending.error} onForce=${(reason) => send({ ...last.current, force: true, reason })} />`}
    ${Object.values(shown).some(Boolean) && !sending.error && html`<p class="field-error" role="status">${t('form.check_fields')}</p>`}
    <p class="form-end"><button class="primary big" aria-disabled=${sending.busy ? 'true' : undefined}>${sending.busy ? t('form.saving') : label}</button></p>
  </form>`;
}
