// In whose way a section's times would be, by name, and setting them all the same, with a reason.
import { html, useState } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { t } from '../lib/i18n.js';
import { composing } from '../lib/keys.js';

/** @param {{ error: any, onForce: (reason: string) => void }} props */
export function Forcing({ error, onForce }) {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const { concerned = [], students = 0 } = error.data;
  const named = new Set(concerned.filter((one) => one.kind === 'student').map((one) => one.name)).size;
  const force = () => (reason.trim() ? onForce(reason.trim()) : setMissing(true));
  // Return would send the form, which is refused again.
  const onKeyDown = (event) => event.key === 'Enter' && !composing(event) && (event.preventDefault(), force());
  return html`<fieldset class="group"><legend>${t('concern.title')}</legend>
    <ul>${concerned.map((one, i) => html`<li key=${i}>${t(`concern.${one.kind}`, one)}</li>`)}</ul>
    ${students > named && html`<p>${t('concern.others', { n: students - named })}</p>`}
    <${Field} label=${t('field.reason')} hint=${t('concern.hint')} maxlength="500" value=${reason} error=${missing && !reason.trim() ? t('form.required') : undefined} onValue=${setReason} onKeyDown=${onKeyDown} />
    <p><button type="button" class="danger" onClick=${force}>${t('concern.force')}</button></p>
  </fieldset>`;
}
