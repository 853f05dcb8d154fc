// A lottery round: wishes in order with points, and after the draw what came of them, and how to check it.
import { html, useState } from '../vendor/ui.js';
import { Empty, Loaded, OperationNumber } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { Meetings } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { SelectionHead } from '../components/selection-head.js';
import { api } from '../lib/api.js';
import { useClaimEvents } from '../lib/claim-events.js';
import { tone } from '../lib/claims.js';
import { tick } from '../lib/clock.js';
import { because, explain } from '../lib/errors.js';
import { has, t } from '../lib/i18n.js';
import { readPlan } from '../lib/plan.js';
import { useLoad } from '../lib/poll.js';
import { phaseOf } from '../lib/rounds.js';
import { usePart } from '../lib/use-part.js';

async function readAll(id) {
  const [{ data: round }, { data: wishes }] = await Promise.all([api(`/api/rounds/${id}`), api(`/api/rounds/${id}/wishes`)]);
  return { round, wishes };
}

function Wish({ wish, index, count, open, pointed, change, move, remove }) {
  const { section, points, state, reason } = wish;
  const name = { name: section.course_name };
  const key = `wish.state_${state}`;
  return html`<li class="planned"><span class="planned-no" aria-hidden="true">${index + 1}</span>
    <div class="planned-what"><h3><a href=${`/courses/${section.course_id}`}>${section.course_name}</a></h3>
      <p class="meta"><span>${t('section.number', { n: section.section_no })}</span><span>${section.teacher_names}</span><span>${t('course.credits', { n: section.credits })}</span></p>
      ${section.meetings && html`<${Meetings} meetings=${section.meetings} />`}
      ${reason && html`<p class="reason">${because(reason, 'section')}</p>`}</div>
    <div class="planned-end">
      ${open ? html`${pointed && html`<label class="points"><span>${t('wish.points')}</span><input type="number" min="0" inputmode="numeric" aria-label=${t('wish.points_of', name)} value=${points} onInput=${(event) => change(index, event.target.value)} /></label>`}
        <div class="planned-move">
          <button type="button" class="quiet" aria-label=${t('plan.up', name)} aria-disabled=${index === 0 ? 'true' : undefined} onClick=${() => index > 0 && move(index, -1)}><${Icon} name="up" /></button>
          <button type="button" class="quiet" aria-label=${t('plan.down', name)} aria-disabled=${index === count - 1 ? 'true' : undefined} onClick=${() => index < count - 1 && move(index, 1)}><${Icon} name="down" /></button>
          <button type="button" class="quiet danger-text" aria-label=${t('plan.remove', name)} onClick=${() => remove(index)}><${Icon} name="minus" /></button></div>` : pointed && html`<span class="hint">${t('wish.with_points', { n: points })}</span>`}
      ${state && has(key) && html`<span class="badge" data-tone=${tone({ won: 'confirmed', lost: 'rejected' }[state] ?? state)}>${t(key)}</span>`}
    </div></li>`;
}

const total = (list) => list.reduce((sum, wish) => sum + (Number(wish.points) || 0), 0);

function Wishes({ id, data, load, late }) {
  const { round, wishes } = data;
  const [list, setList] = useState(wishes.wishes);
  const [state, setState] = useState({ busy: false, error: null, saved: false, version: wishes.version });
  const open = phaseOf(round, tick.value) === 'open';
  const edit = (next) => {
    setList(next);
    setState((old) => ({ ...old, error: null, saved: false }));
  };
  const move = (index, by) => {
    const next = [...list];
    [next[index], next[index + by]] = [next[index + by], next[index]];
    edit(next);
  };
  const fromPlan = async () => {
    try {
      const known = new Set(list.map((wish) => wish.section.id));
      const more = (await readPlan(round.term_id)).items.filter(({ section }) => !known.has(section.id)).map(({ section }) => ({ section, points: 0, state: null, reason: null }));
      edit([...list, ...more]);
      if (!more.length) setState((old) => ({ ...old, error: { code: 'plan_empty', data: {} } }));
    } catch (error) {
      setState((old) => ({ ...old, error }));
    }
  };
  const save = async () => {
    if (state.busy) return;
    setState((old) => ({ ...old, busy: true, error: null, saved: false }));
    try {
      const body = { version: state.version, wishes: list.map((wish) => ({ section_id: wish.section.id, points: Number(wish.points) || 0 })) };
      const { data: kept } = await api(`/api/rounds/${id}/wishes`, { method: 'PUT', body });
      setList(kept.wishes);
      setState({ busy: false, error: null, saved: true, version: kept.version });
    } catch (error) {
      setState((old) => ({ ...old, busy: false, error }));
      if (error.status === 409 && error.code === 'conflict') load.again().catch(() => {});
    }
  };
  // A limit of 0: the order alone counts.
  const pointed = wishes.points_limit > 0;
  const left = pointed ? wishes.points_limit - total(list) : 0;
  return html`<${RoundBanner} round=${round} mine=${round.my} />
    ${list.length === 0 && html`<${Empty} title=${t('wish.none')} text=${t(open ? 'wish.none_text' : 'wish.none_closed')}>${open && html`<button type="button" class="primary" onClick=${fromPlan}>${t('wish.from_plan')}</button>`}<a class="button" href="/courses">${t('courses.title')}</a><//>`}
    ${list.length > 0 && html`<section class="cart"><div class="section-head"><h2>${t('wish.order')}</h2>${pointed && html`<span class=${left < 0 ? 'field-error' : 'hint'}>${t('wish.points_left', { left, limit: wishes.points_limit })}</span>`}</div>
      <ol class="plan">${list.map((wish, index) => html`<${Wish} key=${wish.section.id} wish=${wish} index=${index} count=${list.length} open=${open} pointed=${pointed} move=${move} change=${(at, points) => edit(list.map((one, i) => (i === at ? { ...one, points } : one)))} remove=${(at) => edit(list.filter((_, i) => i !== at))} />`)}</ol></section>`}
    <div role="status" class="outcome-region">
      ${state.error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(state.error, 'section')}</p><${OperationNumber} error=${state.error} /></div></div>`}
      ${state.saved && html`<div class="outcome" data-tone="calm"><div><p class="outcome-title">${t('wish.saved')}</p><p>${t('wish.saved_text')}</p></div></div>`}
    </div>
    ${late && html`${open && (list.length > 0 || state.version > 0) && html`<${late.Save} round=${round} busy=${state.busy} over=${left < 0} save=${save} fromPlan=${list.length > 0 && fromPlan} />`}
    <${late.Draw} page=${load} round=${round} lot=${wishes.wishes.length ? wishes.lot : ''} />`}`;
}

function View({ param }) {
  const load = useLoad(() => readAll(param), [param]);
  // The draw, and the words of its reasons, come a moment after the page.
  const { module: late } = usePart('parts/draw.js', false, 'late');
  useClaimEvents('section', () => load.again().catch(() => {}));
  if (load.error?.status === 404 && !load.data) {
    return html`<${SelectionHead} title=${t('wish.title')} term=${null} /><${Empty} title=${t('wish.gone')} text=${t('wish.gone_text')}><a class="button primary" href="/courses">${t('courses.title')}</a><//>`;
  }
  return html`<${SelectionHead} title=${t('wish.title')} lead=${t('wish.lead')} term=${null} />
    <${Loaded} load=${load} rows=${5}>${(data) => html`<${Wishes} key=${`${data.wishes.version} ${data.wishes.wishes.map((wish) => wish.state).join()}`} id=${param} data=${data} load=${load} late=${late} />`}<//>`;
}

export const page = { view: View, needs: 'claims:own' };
