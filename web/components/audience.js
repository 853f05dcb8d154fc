// Choosing people by college, grade and class, for restrictions and reserved seats.
import { html } from '../vendor/ui.js';
import { now } from '../lib/clock.js';
import { campusDay } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useOrg } from '../lib/org.js';
import { Check } from './field.js';

const YEARS = 6;

const toggled = (list, item, on) => (on ? [...list, item] : list.filter((one) => one !== item));

function Choices({ legend, items, chosen, onChosen }) {
  const count = chosen.length ? ` · ${t('audience.chosen', { n: chosen.length })}` : '';
  return html`<details class="choices">
    <summary>${legend}${count}</summary>
    <fieldset><legend class="visually-hidden">${legend}</legend>
      ${items.map(([id, name]) => html`<${Check} key=${id} label=${name} checked=${chosen.includes(id)} onValue=${(on) => onChosen(toggled(chosen, id, on))} />`)}
    </fieldset>
  </details>`;
}

/** @param {{ value: { colleges: string[], grades: number[], classes: string[] }, onValue: (value: any) => void }} props */
export function Audience({ value, onValue }) {
  const org = useOrg({ colleges: true, classes: true });
  if (!org) return html`<p class="hint">${t('wait.loading')}</p>`;
  const year = Number(campusDay(now()).slice(0, 4));
  const grades = [...new Set([...org.classes.map((one) => one.grade), ...Array.from({ length: YEARS }, (_, i) => year - i)])].sort((a, b) => b - a);
  const classes = org.classes.filter((one) => !value.colleges.length || value.colleges.includes(one.college_id));
  return html`<div class="audience">
    <${Choices} legend=${t('audience.colleges')} items=${org.colleges.map((one) => [one.id, one.name])} chosen=${value.colleges} onChosen=${(colleges) => onValue({ ...value, colleges })} />
    <${Choices} legend=${t('audience.grades')} items=${grades.map((grade) => [grade, t('audience.grade', { grade })])} chosen=${value.grades} onChosen=${(chosen) => onValue({ ...value, grades: chosen })} />
    <${Choices} legend=${t('audience.classes')} items=${classes.map((one) => [one.id, `${one.name} · ${one.college}`])} chosen=${value.classes} onChosen=${(chosen) => onValue({ ...value, classes: chosen })} />
  </div>`;
}
