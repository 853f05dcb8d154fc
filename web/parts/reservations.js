// Seats of a lecture or a section that are kept for some: a part of both forms.
import { html } from '../vendor/ui.js';
import { Audience } from '../components/audience.js';
import { Field } from '../components/field.js';
import { t } from '../lib/i18n.js';

/** @param {{ label?: string, value: any[], onValue: (value: any[]) => void, error?: string, children?: any }} props children: what is asked while there are any */
export function Reservations({ label = t('form.reservations'), value, onValue, error, children }) {
  const set = (i, change) => onValue(value.map((one, j) => (i === j ? { ...one, ...change } : one)));
  const add = () => onValue([...value, { name: '', seats: '10', colleges: [], grades: [], classes: [] }]);
  return html`<fieldset class="group"><legend>${label}</legend>
    <p class="hint">${t('form.reservations_hint')}</p>
    ${value.map(
      (one, i) => html`<div class="reservation" key=${i}>
        <div class="form-grid">
          <${Field} label=${t('form.reservation_name')} value=${one.name} onValue=${(name) => set(i, { name })} />
          <${Field} label=${t('form.reservation_seats')} type="number" min="1" inputmode="numeric" value=${one.seats} onValue=${(seats) => set(i, { seats })} />
        </div>
        <${Audience} value=${one} onValue=${(next) => set(i, next)} />
        <p><button type="button" class="quiet danger-text" onClick=${() => onValue(value.filter((_, j) => j !== i))}>${t('form.reservation_remove')}</button></p>
      </div>`,
    )}
    ${error && html`<p class="field-error">${error}</p>`}
    <p><button type="button" onClick=${add}>${t('form.reservation_add')}</button></p>
    ${value.length > 0 && children}
  </fieldset>`;
}

/** As a field of a record's form. */
export const Part = Reservations;
