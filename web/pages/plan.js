// The plan: ordered before the opening, sent as a whole by one press, and a result for each course.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Credits } from '../components/credits.js';
import { Empty, Loaded } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { Meetings } from '../components/section.js';
import { RoundBanner } from '../components/round-banner.js';
import { SeatLine } from '../components/seats.js';
import { SelectionHead } from '../components/selection-head.js';
import { api } from '../lib/api.js';
import { sleep } from '../lib/backoff.js';
import { now } from '../lib/clock.js';
import { explain } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { anyIntent } from '../lib/intents.js';
import { changePlan, readPlan } from '../lib/plan.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useRound } from '../lib/round-events.js';
import { chosenTerm, withTerm } from '../lib/rounds.js';
import { usePart } from '../lib/use-part.js';

const LATER = 1500;
const taken = (item) => item.problems.some((problem) => problem.code === 'already_claimed');

/** This student's own part of the round (time ticket, hold), a moment after the page; undefined until it is known. */
function useMine(id) {
  const known = useRef(false);
  const load = useLoad(async () => {
    if (!id) return { my: null };
    if (!known.current) await sleep(LATER);
    known.current = true;
    // When it cannot be had, nothing keeps the button off: the server decides anyway.
    return { my: await api(`/api/rounds/${id}`).then(({ data }) => data.my, () => null) };
  }, [id]);
  usePolling(() => load.again(), () => 30000, [id]);
  return load.data?.my;
}

function Item({ item, index, count, line, busy, part, move, remove }) {
  const { section, problems } = item;
  const name = { name: section.course_name };
  const held = problems.find((problem) => problem.code === 'already_claimed');
  const state = line ?? (held && { state: held.state ?? 'confirmed' });
  return html`<li class="planned">
    <span class="planned-no" aria-hidden="true">${index + 1}</span>
    <div class="planned-what"><h3><a href=${withTerm(`/courses/${section.course_id}`)}>${section.course_name}</a></h3>
      <p class="meta"><span>${t('section.number', { n: section.section_no })}</span><span>${section.teacher_names}</span><span>${t('course.credits', { n: section.credits })}</span><${SeatLine} offering=${section} /></p>
      <${Meetings} meetings=${section.meetings} />
      ${!state && part && html`<${part.Problems} problems=${problems} />`}
    </div>
    <div class="planned-end">${state && part && html`<${part.Result} line=${state} />`}
      ${!busy && html`<div class="planned-move">
        <button type="button" class="quiet" aria-label=${t('plan.up', name)} aria-disabled=${index === 0 ? 'true' : undefined} onClick=${() => index > 0 && move(index, -1)}><${Icon} name="up" /></button>
        <button type="button" class="quiet" aria-label=${t('plan.down', name)} aria-disabled=${index === count - 1 ? 'true' : undefined} onClick=${() => index < count - 1 && move(index, 1)}><${Icon} name="down" /></button>
        <button type="button" class="quiet danger-text" aria-label=${t('plan.remove', name)} onClick=${() => remove(section.id)}><${Icon} name="minus" /></button>
      </div>`}</div>
  </li>`;
}

function Plan({ load, round }) {
  const plan = load.data;
  const my = useMine(round?.id);
  const { module: part } = usePart('parts/cart.js', anyIntent(), 'late booking sending');
  const [error, setError] = useState(null);
  const [sent, setSent] = useState({ busy: false, lines: [] });
  const going = useRef(Promise.resolve());
  // One change after the other: each knows the version of the one before.
  const latest = useRef(plan);
  latest.current = plan;
  const change = (how) => {
    setError(null);
    going.current = going.current.then(() => changePlan(latest.current, how).then((next) => load.set({ ...next, checked_at: now() }), setError));
  };
  const move = (index, by) =>
    change((ids) => {
      const next = [...ids];
      [next[index], next[index + by]] = [next[index + by], next[index]];
      return next;
    });
  const lines = new Map(sent.lines.map((line) => [line.section_id, line]));
  const wanted = plan.items.filter((item) => !taken(item)).map((item) => item.section.id);
  return html`<${RoundBanner} round=${round} mine=${my} />
    <section class="sheet"><${Credits} credits=${plan.credits} /></section>
    ${plan.items.length === 0
      ? html`<${Empty} title=${t('plan.none')} text=${t('plan.none_text')}><a class="button primary" href=${withTerm('/courses')}>${t('courses.title')}</a><a class="button" href="/programme">${t('programme.title')}</a><//>`
      : html`<section class="cart"><div class="section-head"><h2>${t('plan.order')}</h2><span class="hint">${t('plan.order_text')}</span></div>
        <ol class="plan">${plan.items.map((item, index) => html`<${Item} key=${item.section.id} item=${item} index=${index} count=${plan.items.length} line=${lines.get(item.section.id)} busy=${sent.busy} part=${part} move=${move} remove=${(id) => change((ids) => ids.filter((one) => one !== id))} />`)}</ol>
        <div role="status">${error && html`<p class="field-error">${explain(error)}</p>`}</div>
        ${part && html`<${part.Cart} round=${round} my=${my} wanted=${wanted} onSent=${setSent} reload=${() => load.again().catch(() => {})} />`}
        <p class="hint">${t('plan.checked', { time: format(plan.checked_at, 'clock') })}</p>
      </section>`}`;
}

function View() {
  const term = chosenTerm();
  const load = useLoad(async () => ({ ...(await readPlan(term)), checked_at: now() }), [term]);
  const { round, known, load: first } = useRound(30000, term);
  usePolling(() => load.again(), () => 15000, [term]);
  // Another term has become that of selection while the page was open.
  const moved = Boolean(round && load.data && round.term_id !== load.data.term_id);
  useEffect(() => {
    if (moved) load.again().catch(() => {});
  }, [moved]);
  return html`<${SelectionHead} title=${t('plan.title')} lead=${t('plan.lead')} />
    <${Loaded} load=${known ? load : first} rows=${5}>${() => (load.data && known && !moved ? html`<${Plan} key=${round?.id} load=${load} round=${round} />` : null)}<//>`;
}

export const page = { view: View, needs: 'claims:own' };
