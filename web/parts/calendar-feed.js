// A private address for calendar programs: made, changed, or withdrawn.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Confirm } from '../components/dialog.js';
import { Field } from '../components/field.js';
import { api } from '../lib/api.js';
import { now } from '../lib/clock.js';
import { explain } from '../lib/errors.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';

export function CalendarFeed() {
  const [state, setState] = useState({ url: '', since: null, busy: false, error: null, said: '' });
  const [asking, setAsking] = useState(false);
  const box = useRef(null);
  useEffect(() => {
    api('/api/me/calendar-feed').then(({ data }) => setState((old) => ({ ...old, since: data.issued_at })), () => {});
  }, []);
  const run = async (method) => {
    setState((old) => ({ ...old, busy: true, error: null, said: '' }));
    try {
      const { data } = await api('/api/me/calendar-feed', { method });
      setState({ url: data?.url ?? '', since: data?.url ? now() : null, busy: false, error: null, said: data?.url ? 'timetable.feed_made' : 'timetable.feed_gone' });
    } catch (error) {
      setState((old) => ({ ...old, busy: false, error }));
    }
  };
  const copy = async () => {
    box.current.querySelector('input').select();
    const done = await navigator.clipboard?.writeText(state.url).then(() => true, () => false);
    setState((old) => ({ ...old, said: done ? 'timetable.feed_copied' : 'timetable.feed_select' }));
  };
  return html`<div class="feed" ref=${box}>
    <p class="hint">${t('timetable.feed_text')}</p>
    ${state.since && !state.url && html`<p>${t('timetable.feed_since', { when: moment(state.since) })}</p>`}
    ${state.url && html`<${Field} label=${t('timetable.feed_address')} hint=${t('timetable.feed_once')} value=${state.url} readonly />`}
    <p class="actions">
      ${state.url ? html`<button type="button" class="primary" onClick=${copy}>${t('timetable.feed_copy')}</button>` : html`<button type="button" class="primary" aria-disabled=${state.busy ? 'true' : undefined} onClick=${() => state.busy || run('POST')}>${t('timetable.feed_make')}</button>`}
      ${state.since && html`<button type="button" class="quiet danger-text" onClick=${() => setAsking(true)}>${t('timetable.feed_withdraw')}</button>`}
    </p>
    <div role="status">${state.error && html`<p class="field-error">${explain(state.error)}</p>`}${state.said && html`<p>${t(state.said)}</p>`}</div>
    <${Confirm} open=${asking} danger title=${t('timetable.feed_withdraw')} text=${t('timetable.feed_withdraw_text')} confirm=${t('timetable.feed_withdraw')} onConfirm=${() => run('DELETE')} onClose=${() => setAsking(false)} />
  </div>`;
}
