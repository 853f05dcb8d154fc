// When and where a section meets: weekday, periods, weeks as people write them, checked while they are typed.
import { html } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { t } from '../lib/i18n.js';
import { overlaps, parseWeeks } from '../lib/meetings.js';

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const PERIODS = Array.from({ length: 13 }, (_, i) => i + 1);
const BLANK = { weekday: 1, first_period: 1, last_period: 2, weeks: '1-16', place: '' };

function Choice({ label, items, value, onValue, error }) {
  return html`<${Field} as="select" label=${label} error=${error} value=${value} onValue=${(chosen) => onValue(Number(chosen))}>${items.map(([id, name]) => html`<option key=${id} value=${id} selected=${id === value}>${name}</option>`)}<//>`;
}

function Meeting({ meeting, number, clashing, onChange, onRemove }) {
  const set = (name) => (value) => onChange({ ...meeting, [name]: value });
  const read = parseWeeks(meeting.weeks);
  const weeks = read.bad === null ? t('meeting.weeks_read', { n: read.weeks.length, weeks: read.weeks.join(' ') }) : '';
  const periods = PERIODS.map((one) => [one, t('meeting.period', { n: one })]);
  return html`<fieldset class="reservation"><legend>${t('meeting.number', { n: number })}</legend>
    <div class="form-grid">
      <${Choice} label=${t('meeting.weekday')} items=${DAYS.map((day) => [day, t(`meeting.day_${day}`)])} value=${meeting.weekday} onValue=${set('weekday')} />
      <${Choice} label=${t('meeting.first')} items=${periods} value=${meeting.first_period} onValue=${(first) => onChange({ ...meeting, first_period: first, last_period: Math.max(first, meeting.last_period) })} />
      <${Choice} label=${t('meeting.last')} items=${periods} value=${meeting.last_period} error=${meeting.first_period > meeting.last_period ? t('meeting.backwards') : ''} onValue=${set('last_period')} />
      <${Field} label=${t('meeting.weeks')} value=${meeting.weeks} onValue=${set('weeks')} autocomplete="off" hint=${weeks} error=${read.bad === null ? '' : t('meeting.weeks_bad', { part: read.bad })} />
      <${Field} label=${t('meeting.place')} value=${meeting.place} onValue=${set('place')} maxlength="100" error=${meeting.place.trim() ? '' : t('form.required')} />
    </div>
    ${clashing && html`<p class="field-error" role="status">${t('meeting.twice')}</p>`}
    <p><button type="button" class="quiet danger-text" onClick=${onRemove}>${t('meeting.remove', { n: number })}</button></p>
  </fieldset>`;
}

/** @param {{ label: string, value: any[], error?: string, onValue: (value: any[]) => void }} props */
export function Part({ label, value, error, onValue }) {
  const clashing = new Set(overlaps(value).flat());
  return html`<fieldset class="group"><legend>${label}</legend>
    ${value.map((one, i) => html`<${Meeting} key=${i} meeting=${one} number=${i + 1} clashing=${clashing.has(i)} onChange=${(next) => onValue(value.map((old, j) => (i === j ? next : old)))} onRemove=${() => onValue(value.filter((_, j) => i !== j))} />`)}
    ${error && html`<p class="field-error">${error}</p>`}
    <p><button type="button" onClick=${() => onValue([...value, BLANK])}>${t('meeting.add')}</button></p>
  </fieldset>`;
}
