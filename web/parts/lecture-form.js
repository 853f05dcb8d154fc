// Every field of a lecture, for creating and editing.
import { html, useState } from '../vendor/ui.js';
import { explain, fieldErrors } from '../lib/errors.js';
import { zoneName } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { blankForm, bodyOf, formOf, mistakes } from '../lib/lecture-form.js';
import { Audience } from '../components/audience.js';
import { Confirm } from '../components/dialog.js';
import { Field } from '../components/field.js';
import { OperationNumber } from '../components/feedback.js';
import { Reservations } from './reservations.js';

const MODES = ['none', 'only', 'except'];

function Restriction({ value, onValue }) {
  return html`<fieldset class="group"><legend>${t('form.restriction')}</legend>
    <div class="segments">${MODES.map((mode) => html`<label key=${mode}><input type="radio" name="mode" checked=${value.mode === mode} onChange=${() => onValue({ ...value, mode })} /><span>${t(`form.mode_${mode}`)}</span></label>`)}</div>
    ${value.mode !== 'none' && html`<${Audience} value=${value} onValue=${onValue} />`}
  </fieldset>`;
}

/**
 * @param {{ lecture?: any, before?: any, save: (body: any) => Promise<void>, label: string, done?: string }} props
 *   lecture: what the fields hold at first; before: the lecture to compare with, so that only changes are sent
 */
export function LectureForm({ lecture, before, save, label, done }) {
  const [form, setForm] = useState(() => (lecture ? formOf(lecture) : blankForm()));
  const [state, setState] = useState({ busy: false, error: null, shown: {}, saved: false });
  const set = (name) => (value) => {
    setForm((old) => ({ ...old, [name]: value }));
    setState((old) => ({ ...old, saved: false }));
  };
  const [asking, setAsking] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    if (state.busy) return;
    const wrong = Object.fromEntries(Object.entries(mistakes(form)).map(([name, key]) => [name, t(key)]));
    if (Object.keys(wrong).length) {
      setState({ busy: false, error: null, shown: wrong, saved: false });
      return setTimeout(() => event.target.querySelector('[aria-invalid]')?.focus());
    }
    // Every booking ends with it, and nothing brings them back.
    if (form.state === 'cancelled' && before?.state !== 'cancelled') return setAsking(true);
    send();
  };
  const send = async () => {
    setState({ busy: true, error: null, shown: {}, saved: false });
    try {
      await save(bodyOf(form, before && formOf(before)));
      setState({ busy: false, error: null, shown: {}, saved: true });
    } catch (error) {
      setState({ busy: false, error, shown: Object.fromEntries(fieldErrors(error)), saved: false });
    }
  };
  const field = (name, more = {}) => html`<${Field} label=${t(`form.${name}`)} value=${form[name]} onValue=${set(name)} error=${state.shown[name]} ...${more} />`;
  const time = { type: 'datetime-local', required: true };
  const count = { type: 'number', min: '0', inputmode: 'numeric' };
  return html`<form class="form" onSubmit=${submit} novalidate>
    <fieldset class="group"><legend>${t('form.what')}</legend>
      ${field('title', { required: true, maxlength: 200 })}
      <div class="form-grid">${field('speaker', { required: true })} ${field('place', { required: true })}</div>
      ${field('summary', { as: 'textarea', rows: 5 })}
    </fieldset>
    <fieldset class="group"><legend>${t('form.when')}</legend><p class="hint">${t('form.zone', { zone: zoneName() })}</p>
      <div class="form-grid">${field('starts_at', time)} ${field('ends_at', time)} ${field('opens_at', time)} ${field('closes_at', time)}</div>
    </fieldset>
    <fieldset class="group"><legend>${t('form.seats')}</legend>
      <div class="form-grid">${field('capacity', { ...count, hint: before ? t('form.capacity_hint') : undefined })} ${field('waitlist_capacity', { ...count, hint: t('form.waitlist_hint') })}</div>
    </fieldset>
    <${Restriction} value=${form.restriction} onValue=${set('restriction')} />
    <${Reservations} value=${form.reservations} onValue=${set('reservations')} error=${state.shown.reservations}>${field('reserved_until', { type: 'datetime-local', hint: t('form.reserved_until_hint') })}<//>
    <fieldset class="group"><legend>${t('form.publication')}</legend>
      <div class="segments">${['draft', 'published', ...(before ? ['cancelled'] : [])].map((one) => html`<label key=${one}><input type="radio" name="state" checked=${form.state === one} onChange=${() => set('state')(one)} /><span>${t(`form.state_${one}`)}</span></label>`)}</div>
      ${form.state === 'cancelled' && html`<p class="hint">${t('form.cancel_hint')}</p>`}
    </fieldset>
    <div role="status">
      ${state.error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(state.error)}</p><${OperationNumber} error=${state.error} /></div></div>`}
      ${Object.keys(state.shown).length > 0 && !state.error && html`<p class="field-error">${t('form.check_fields')}</p>`}
      ${state.saved && html`<div class="outcome" data-tone="good"><div><p class="outcome-title">${done ?? t('form.saved')}</p></div></div>`}
    </div>
    <p class="form-end"><button class="primary big" aria-disabled=${state.busy ? 'true' : undefined}>${state.busy ? t('form.saving') : label}</button></p>
    <${Confirm} open=${asking} danger title=${t('form.cancel_title')} text=${t('form.cancel_hint')} confirm=${t('form.state_cancelled')} onConfirm=${send} onClose=${() => setAsking(false)} />
  </form>`;
}
