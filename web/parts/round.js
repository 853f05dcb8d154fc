// What the page of a round has beyond its form: the timeline, what may be done while it runs, how a student sees it, what was done.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Confirm } from '../components/dialog.js';
import { Loaded } from '../components/feedback.js';
import { Field } from '../components/field.js';
import { Lookup } from '../components/lookup.js';
import { ConfirmWhy } from '../components/reason.js';
import { api, withQuery } from '../lib/api.js';
import { tick } from '../lib/clock.js';
import { epoch, moment, number, toInput } from '../lib/format.js';
import { findStudents } from '../lib/finders.js';
import { has, t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useRoundEvents } from '../lib/round-events.js';
import { phaseOf } from '../lib/rounds.js';
import { useSending } from '../lib/sending.js';
import { fromInput } from '../lib/wall-time.js';

/** When it stood still: [from, until] of every freeze, by what was done. */
function freezes(events, until) {
  const found = [];
  for (const event of [...events].sort((a, b) => epoch(a.at) - epoch(b.at))) {
    if (event.action === 'frozen') found.push([epoch(event.at), until]);
    if (event.action === 'resumed' && found.length) found.at(-1)[1] = epoch(event.at);
  }
  return found;
}

/** The round as a bar: choosing, dropping only, standing still, and now. The list below says the same in words. */
function Bar({ round, events }) {
  const now = tick.value;
  const [opens, closes, drops] = [round.opens_at, round.closes_at, round.drop_until].map(epoch);
  const margin = (Math.max(closes, drops) - opens) * 0.06;
  const [from, to] = [opens - margin, Math.max(closes, drops) + margin];
  const at = (time) => `${Math.min(100, Math.max(0, ((time - from) / (to - from)) * 100))}%`;
  const piece = (name, start, end) => end > start && html`<span class=${`piece ${name}`} style=${{ insetInlineStart: at(start), inlineSize: `calc(${at(end)} - ${at(start)})` }}></span>`;
  const inside = now > from && now < to;
  return html`<div class="round-bar" aria-hidden="true">
      ${piece('drop', closes, drops)}${piece('choose', opens, closes)}
      ${freezes(events, Math.min(now, closes)).map(([start, end]) => piece('still', Math.max(start, opens), Math.min(end, closes)))}
      ${inside && html`<span class="round-now" style=${{ insetInlineStart: at(now) }}></span>`}
    </div>
    <ol class="round-times">
      ${[['opens_at', opens], ['closes_at', closes], ['drop_until', drops]].map(([name, time]) => html`<li key=${name} data-past=${time <= now ? '' : undefined}><span class="muted">${t(`field.${name}`)}</span> ${moment(time)}</li>`)}
      ${inside && html`<li class="is-now">${t('round.now')} ${moment(now)}</li>`}
    </ol>`;
}

/** One thing to do, asked with its reason. @param {any} props asked: what the dialog was filled in for; for another it begins anew */
function Step({ name, danger, round, asked, children, body, onAsk, onRound }) {
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  const quiet = name === 'publish' || name === 'draw';
  const run = (reason) =>
    sending.send(async () => {
      const { data } = await api(`/api/manage/rounds/${round.id}/${name}`, { method: 'POST', body: quiet ? undefined : { reason, ...body?.() } });
      // A draw is only asked for; the round hears when it is done.
      onRound(name === 'draw' ? { ...round, drawing: true } : data);
    });
  return html`<button type="button" class=${danger ? 'danger-text' : ''} onClick=${() => (onAsk?.(), setAsking(true))}>${t(`round.${name}`)}</button>
    <${quiet ? Confirm : ConfirmWhy} key=${asked} open=${asking} danger=${danger} title=${t(`round.${name}_title`)} text=${t(`round.${name}_text`)} confirm=${t(`round.${name}`)} most=${255}
      onConfirm=${run} onClose=${() => setAsking(false)}>${children}<//>
    ${sending.error && html`<${Answer} error=${sending.error} />`}`;
}

const ENDS = ['closes_at', 'drop_until'];
const endsOf = (round) => Object.fromEntries(ENDS.map((name) => [name, toInput(round[name])]));

function Extend({ round, onRound }) {
  // The round as it was when the dialog opened: what others do to it meanwhile neither empties the dialog nor is taken back by it.
  const [from, setFrom] = useState(round);
  const [form, setForm] = useState(() => endsOf(round));
  const begin = () => from.version !== round.version && (setFrom(round), setForm(endsOf(round)));
  const body = () => Object.fromEntries(ENDS.map((name) => [name, form[name] === toInput(from[name]) ? null : fromInput(form[name])]));
  return html`<${Step} name="extend" round=${round} asked=${from.version} body=${body} onAsk=${begin} onRound=${onRound}>
    ${ENDS.map((name) => html`<${Field} key=${name} type="datetime-local" label=${t(`field.${name}`)} value=${form[name]} onValue=${(value) => setForm({ ...form, [name]: value })} />`)}
  <//>`;
}

function Steps({ round, onRound }) {
  const live = round.state === 'published';
  const over = phaseOf(round, tick.value) === 'closed';
  const step = (name, danger) => html`<${Step} key=${name} name=${name} danger=${danger} round=${round} onRound=${onRound} />`;
  return html`<p class="actions no-print">
    ${!live && step('publish')}
    ${live && !round.frozen && !over && step('freeze', true)}
    ${live && round.frozen && step('resume')}
    ${live && !(round.mode === 'lottery' && round.drawn_at) && html`<${Extend} key="extend" round=${round} onRound=${onRound} />`}
    ${live && round.mode === 'lottery' && over && !round.drawn_at && (round.drawing ? html`<span class="hint" role="status">${t('round.drawing')}</span>` : step('draw'))}
    <a class="button" href=${`/manage/time-tickets?round_id=${round.id}`}>${t('staff.time-tickets')}</a>
  </p>`;
}

// A step says itself that it stopped the round, or let it go on.
const SAID_BY_STEP = ['frozen', 'state'];
const said = (name, value) => (name === 'mode' ? t(`mode.${value}`) : value === null || value === undefined || value === '' ? '—' : typeof value === 'object' ? JSON.stringify(value) : /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value) : String(value));

function Event({ event }) {
  const changes = Object.entries(event.detail).filter(([name, pair]) => Array.isArray(pair) && pair.length === 2 && !SAID_BY_STEP.includes(name));
  const key = `round.did_${event.action}`;
  return html`<li><p><strong>${has(key) ? t(key) : event.action}</strong> · ${event.username} <span class="muted">${moment(event.at)}</span></p>
    ${event.reason && html`<p>${t('round.because', { reason: event.reason })}</p>`}
    ${changes.map(([name, [before, after]]) => html`<p class="hint" key=${name}>${has(`field.${name}`) ? t(`field.${name}`) : name}${t('desk.colon')}<del>${said(name, before)}</del> → <ins>${said(name, after)}</ins></p>`)}
  </li>`;
}

const REFUSED = ['prerequisite_missing', 'duplicate_course', 'timetable_clash', 'credit_limit', 'not_eligible', 'on_hold', 'sold_out'];

/** How the sections of the term stand to the student, whatever the time: how many can be had, how many not, and why. */
function Seen({ seen }) {
  const { not_before, hold, counts } = seen;
  const { refused, ...numbers } = counts;
  const why = Object.entries(refused).sort(([, a], [, b]) => b - a);
  const row = (key, value) => html`<div key=${key}><dt>${t(`seen.${key}`)}</dt><dd>${value}</dd></div>`;
  return html`<dl class="pairs" role="status">${row('not_before', moment(not_before))}${hold && row('hold', hold)}
    ${['sections', 'free', 'queued', 'held'].map((key) => row(key, number(numbers[key])))}
    ${why.map(([code, n]) => row(REFUSED.includes(code) ? code : 'other', number(n)))}</dl>`;
}

/** What one student meets in this round. */
function AsStudent({ round }) {
  const [who, setWho] = useState(null);
  const sending = useSending();
  const look = (student) => {
    setWho(student);
    if (student) sending.send(async () => (await api(withQuery(`/api/manage/rounds/${round.id}/as-student`, { username: student.username }))).data);
  };
  return html`<section class="sheet no-print"><h2>${t('round.as_student')}</h2>
    <${Lookup} label=${t('round.which_student')} value=${who} onValue=${look} search=${findStudents} />
    <${Answer} error=${sending.error} />
    ${who && sending.done && html`<${Seen} seen=${sending.done} />`}
  </section>`;
}

export function Extra({ record, onRecord, onNews }) {
  const load = useLoad(async () => (await api(`/api/manage/rounds/${record.id}/timeline?limit=100`)).data.items, [record.id, record.version, record.drawn_at]);
  const events = load.data ?? [];
  // What others do to it, and the draw that was asked for here.
  const look = async () => {
    const { data } = await api(`/api/manage/rounds/${record.id}`);
    // One's own step may be told before it is answered.
    if (data.version > record.version || data.drawn_at !== record.drawn_at) onNews(data);
  };
  useRoundEvents(({ round, action }) => round.id !== record.id || (action !== 'drawn' && round.version <= record.version), look);
  // That the draw is done may have been told to nobody.
  usePolling(look, () => (record.drawing && !record.drawn_at ? 5000 : 0), [record.id]);
  return html`<section class="sheet"><h2>${t('round.timeline')}</h2>
      ${record.frozen && html`<p class="stale">${t('round.frozen_because', { reason: record.frozen_reason ?? '—' })}</p>`}
      <${Bar} round=${record} events=${events} />
      <${Steps} round=${record} onRound=${onRecord} />
      ${record.commitment && html`<p class="hint">${t('round.commitment')} <code>${record.commitment}</code></p>`}
      ${record.seed && html`<p class="hint">${t('round.seed')} <code>${record.seed}</code></p>`}
    </section>
    ${record.state === 'published' && html`<${AsStudent} round=${record} />`}
    <details class="sheet"><summary>${t('round.history', { n: events.length })}</summary><${Loaded} load=${load} rows=${2}>${() => html`<ol class="history plain">${events.map((event) => html`<${Event} key=${event.id} event=${event} />`)}</ol>`}<//></details>`;
}
