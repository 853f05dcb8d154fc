// One lecture for its manager: live counts, every field, closing, the roster; or a new one.
import { html, useEffect, useState } from '../vendor/ui.js';
import { PhaseBadge } from '../components/badge.js';
import { AsOf } from '../components/as-of.js';
import { Confirm } from '../components/dialog.js';
import { Loaded, Trouble } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { phaseAt } from '../components/lecture.js';
import { SeatBar, counted, recounted } from '../components/seats.js';
import { Roster } from '../components/roster.js';
import { api } from '../lib/api.js';
import { tick } from '../lib/clock.js';
import { explain } from '../lib/errors.js';
import { number, range } from '../lib/format.js';
import { needTexts, t } from '../lib/i18n.js';
import { loadModule } from '../lib/modules.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useTitle } from '../lib/title.js';
import { navigate } from '../lib/router.js';
import { onEvent } from '../lib/socket.js';

function Back() {
  return html`<a class="back-link" href="/manage/lectures"><${Icon} name="back" />${t('manage.title')}</a>`;
}

/** The form comes after the page: whoever looks at the counts or prints the roster need not wait for it. */
function Form(props) {
  const load = useLoad(async () => (await Promise.all([loadModule('parts/lecture-form.js'), needTexts('forms')]))[0], []);
  return html`<${Loaded} load=${load} rows=${6}>${({ LectureForm }) => html`<${LectureForm} ...${props} />`}<//>`;
}

function NewLecture() {
  const save = async (body) => {
    const { data } = await api('/api/manage/lectures', { method: 'POST', body: { ...body, guard_room: true } });
    navigate(`/manage/lectures/${data.id}`, { replace: true });
  };
  return html`<header class="page-head"><${Back} /><h1>${t('manage.new')}</h1></header>
    <${Form} save=${save} label=${t('form.create')} />`;
}

function Counts({ lecture }) {
  const taken = lecture.seats_left === null ? null : lecture.capacity - lecture.seats_left;
  const cells = [
    ['manage.taken', taken === null ? '—' : number(taken)],
    ['seats.left_short', lecture.seats_left === null ? '—' : number(lecture.seats_left)],
    ['seats.capacity', number(lecture.capacity)],
    ['manage.waiting', `${lecture.waiting ?? 0} / ${lecture.waitlist_capacity}`],
  ];
  return html`<section class="counts" aria-label=${t('manage.counts')}>
    <dl>${cells.map(([key, value]) => html`<div key=${key}><dt>${t(key)}</dt><dd class="num">${value}</dd></div>`)}</dl>
    <${SeatBar} offering=${lecture} />
    <${AsOf} when=${lecture.seats_as_of} />
  </section>`;
}

function Closing({ lecture, phase, onClosed }) {
  const [asking, setAsking] = useState(false);
  const [state, setState] = useState({ error: null, done: false });
  const close = async () => {
    try {
      const { data } = await api(`/api/manage/lectures/${lecture.id}/close`, { method: 'POST' });
      setState({ error: null, done: true });
      onClosed(data);
    } catch (error) {
      setState({ error, done: false });
    }
  };
  return html`<div role="status">${state.error && html`<p class="field-error">${explain(state.error)}</p>`}${state.done && html`<p>${t('manage.closed')}</p>`}</div>
    ${phase === 'open' && html`<button type="button" class="danger-text" onClick=${() => setAsking(true)}>${t('manage.close')}</button>`}
    <${Confirm} open=${asking} danger title=${t('manage.close_title')} text=${t('manage.close_text')} confirm=${t('manage.close')} onConfirm=${close} onClose=${() => setAsking(false)} />`;
}

/** Comes after the page, as the form does. */
function Deletion(props) {
  const { data } = useLoad(async () => (await Promise.all([loadModule('parts/lecture-deletion.js'), needTexts('records forms')]))[0], []);
  return data && html`<${data.Deletion} ...${props} />`;
}

function Editor({ loaded }) {
  const [lecture, setLecture] = useState(loaded);
  const [edited, setEdited] = useState({ lecture: loaded, count: 0 });
  const address = `/api/manage/lectures/${lecture.id}`;
  const reload = async () => {
    const { data } = await api(address);
    setLecture((old) => recounted(data, old));
  };
  usePolling(reload, () => 5000, [lecture.id]);
  useEffect(
    () =>
      onEvent((event) => {
        if (event.type === 'offering' && String(event.offering_id) === lecture.id) setLecture((old) => counted(old, event));
        if (event.type === 'live') reload().catch(() => {});
      }),
    [lecture.id],
  );
  const take = (data) => {
    setLecture(data);
    setEdited((old) => ({ lecture: data, count: old.count + 1 }));
  };
  const save = async (body) => {
    if (!Object.keys(body).length) return;
    // The version that was read: somebody else's change in between is a conflict, not overwritten.
    const { data } = await api(address, { method: 'PATCH', body: { ...body, version: edited.lecture.version, guard_room: true } });
    setLecture(data);
    setEdited((old) => ({ ...old, lecture: data }));
  };
  const phase = phaseAt(lecture, tick.value);
  useTitle(lecture.title);
  return html`<header class="page-head with-action">
      <div><${Back} /><h1>${lecture.title}</h1><p class="meta"><${PhaseBadge} phase=${phase} /><span>${range(lecture.starts_at, lecture.ends_at)}</span><span>${lecture.place}</span></p></div>
      <div class="actions no-print"><a class="button" href=${`/lectures/${lecture.id}`}>${t('manage.as_student')}</a><${Closing} lecture=${lecture} phase=${phase} onClosed=${take} />${lecture.state === 'draft' && html`<${Deletion} lecture=${lecture} />`}</div>
    </header>
    <${Counts} lecture=${lecture} />
    <${Roster} path=${`${address}/bookings`} file=${`lecture-${lecture.id}`} />
    <section class="no-print"><h2>${t('manage.edit')}</h2><${Form} key=${edited.count} lecture=${lecture} before=${edited.lecture} save=${save} label=${t('form.save')} /></section>`;
}

function View({ param }) {
  if (param === 'new') return html`<${NewLecture} />`;
  return html`<${OneLecture} id=${param} />`;
}

function OneLecture({ id }) {
  const load = useLoad(async () => (await api(`/api/manage/lectures/${id}`)).data, [id]);
  if (load.error?.status === 404) return html`<header class="page-head"><${Back} /><h1>${t('lecture.gone')}</h1></header><${Trouble} error=${load.error} />`;
  return html`<${Loaded} load=${load} rows=${6}>${(lecture) => html`<${Editor} loaded=${lecture} />`}<//>`;
}

export const page = { view: View, needs: 'lectures:manage' };
