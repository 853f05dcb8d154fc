// What a student may do with one section, what stands against it, and what came of it.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Confirm } from '../components/dialog.js';
import { Icon } from '../components/icons.js';
import { Outcome } from '../components/outcome.js';
import { isActive, isSettled } from '../lib/claims.js';
import { now, tick } from '../lib/clock.js';
import { explain, whyNot } from '../lib/errors.js';
import { epoch, moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { lotText } from '../lib/lots.js';
import { usePlan } from '../lib/plan.js';
import { SPREAD, chosenTerm, phaseOf, stopped, useTurn } from '../lib/rounds.js';
import { readStandings } from '../lib/selection.js';
import { useStandings } from '../lib/standings.js';
import { useBooking } from '../lib/use-booking.js';
import { createBooking } from './booking.js';

// What another section of one's own stands against: giving that up for this one helps.
const SWAPPABLE = ['timetable_clash', 'duplicate_course'];

// The server's workers judge by copies of sections that may be so old, in ms (app/admission/sheets.py: OLD_S).
const COPIES_OLD = 5000;

// What passes with time, or when the staff say so: said by the round, not as a reason.
const OF_TIME = ['not_open', 'closed', 'frozen', 'sold_out'];

/** What stands against it whatever the time, and the time that the student may begin if that is later than the round's. */
function obstacles(standing, time) {
  const problems = standing.problems ?? (standing.problem ? [standing.problem] : []);
  const early = problems.find((one) => one.code === 'not_open' && one.opens_at && epoch(one.opens_at) > time);
  return { problem: problems.find((one) => !OF_TIME.includes(one.code)) ?? null, turn: early?.opens_at ?? null };
}

/** What the button says, whether it may be pressed, and the reason. */
function offerFor({ section, round, standing, time }) {
  const no = (why, more) => ({ label: t('enrol.now'), why, ...more });
  if (section.state === 'cancelled') return no(t('why.section_cancelled'));
  if (!standing) return no(t('enrol.checking'));
  const phase = phaseOf(round, time);
  const { problem, turn } = obstacles(standing, time);
  if (phase === 'open' && round.mode === 'lottery') return { label: t('enrol.wish'), href: `/rounds/${round.id}/wishes` };
  if (problem && problem.code !== 'wishes_only') {
    const swap = phase === 'open' && !turn && SWAPPABLE.includes(problem.code) && problem.offering_id ? problem : null;
    return no(whyNot(problem), { swap });
  }
  if (phase === 'upcoming') return no(t('enrol.not_yet', { when: moment(round.opens_at) }));
  if (phase !== 'open') return no(t(phase === 'none' ? 'round.none_text' : 'why.closed'));
  if (turn) return no(t('enrol.your_turn', { when: moment(turn) }));
  if (section.frozen || round.frozen) return no(stopped(round));
  const full = section.seats_left <= 0;
  if (standing.would_wait || (full && section.waitlist_capacity > 0)) return { label: t('enrol.join_line'), press: true, why: t('enrol.line_note') };
  // Seats may come back at any moment, so a full section can be asked for all the same.
  return { label: t('enrol.now'), press: true, why: full ? t('enrol.full_note') : '' };
}

function Held({ claim, standing, onDrop }) {
  const waiting = claim.state === 'waitlisted';
  if (!standing.can_cancel) return html`<p class="hint">${t('drop.too_late')}</p>`;
  return html`<p class="actions"><button type="button" class="quiet danger-text" onClick=${onDrop}>${t(waiting ? 'drop.leave_line' : 'drop.open')}</button>
    ${standing.drop_until && html`<span class="hint">${t('drop.until', { when: moment(standing.drop_until) })}</span>`}</p>`;
}

function Planned({ id, plan }) {
  const on = plan.has(id);
  const error = plan.errorOf(id);
  return html`<button type="button" class="quiet" aria-pressed=${on ? 'true' : 'false'} aria-disabled=${plan.busy ? 'true' : undefined} onClick=${() => plan.toggle(id)}>
      <${Icon} name=${on ? 'check' : 'plus'} />${t(on ? 'plan.in' : 'plan.add')}</button>
    ${error && html`<span class="field-error">${explain(error)}</span>`}`;
}

/** The question before a swap or a drop. */
function Question({ asking, section, claim, onClose, press }) {
  if (asking.swap) {
    const { offering_id: drop, offering_title: title } = asking.swap;
    return html`<${Confirm} open title=${t('swap.title')} text=${t('swap.text', { drop: title || t('swap.other'), take: section.course_name })} confirm=${t('swap.confirm')}
      onConfirm=${() => press('swap', { drop, take: section.id, waitlist: false })} onClose=${onClose} />`;
  }
  const line = claim?.state === 'waitlisted' ? '_line' : '';
  return html`<${Confirm} open danger title=${t(`drop.title${line}`, { name: section.course_name })} text=${t(`drop.text${line}`)} confirm=${t(`drop.confirm${line}`)} onConfirm=${() => press('cancel')} onClose=${onClose} />`;
}

/** Reads what stands for and against all sections on the page, in one request, and hands it up. Draws nothing. */
export function Desk({ ids, round, onDesk }) {
  const standings = useStandings({ ids, kind: 'section', ask: readStandings, claimant: true });
  // A standing knows when the student may begin: another opening, another turn. Everybody hears of it, so not all at once;
  // and once more, as the first answer may be of a copy that is older than the news.
  const opening = round ? `${round.id} ${epoch(round.opens_at)}` : '';
  const known = useRef('');
  useEffect(() => {
    const before = known.current;
    known.current = opening;
    if (!before || before === opening) return undefined;
    const timers = [0, COPIES_OLD].map((after) => setTimeout(() => standings.load().catch(() => {}), after + Math.random() * SPREAD));
    return () => timers.forEach(clearTimeout);
  }, [opening]);
  const plan = usePlan(chosenTerm());
  useEffect(() => onDesk({ standings, plan }), [standings.known, plan.state, plan.plan]);
  return null;
}

/**
 * @param {{ section: any, round: any, desk: any, planning: boolean, reload: () => void }} props
 */
export function SectionAction({ section, round, desk, planning, reload }) {
  const { standings, plan } = desk;
  const { id } = section;
  const standing = standings.of(id);
  const claim = standing?.claim ?? null;
  const [asking, setAsking] = useState(null);
  const address = `/api/sections/${id}/enrolments`;
  const path = { book: ['POST', address], cancel: ['DELETE', `${address}/mine`], swap: ['POST', `/api/rounds/${round?.id}/swaps`] };
  const { view, busy, press } = useBooking({ make: createBooking, kind: 'section', offering: id, claimant: true, path, opensAt: round?.opens_at ?? null, claim, settled });

  function settled(decided) {
    if (decided) standings.settle(decided);
    standings.load();
    reload();
  }

  useTurn(round?.opens_at);
  useTurn(standing?.problems?.find((one) => one.opens_at)?.opens_at);
  const holds = claim && isActive(claim.state) && isSettled(claim.state);
  const offer = offerFor({ section, round, standing, time: now() });
  const why = `why-${id}`;
  return html`<div class="section-do">
    <div role="status" class="outcome-region"><${Outcome} view=${view} claim=${claim} now=${busy ? tick.value : 0} kind="section" note=${lotText(round, view.claim?.admitted_at)} /></div>
    ${!busy && holds && html`<${Held} claim=${claim} standing=${standing} onDrop=${() => setAsking({ drop: true })} />`}
    ${!busy && !holds && html`<div class="section-buttons">
        ${offer.href ? html`<a class="button primary" href=${offer.href}>${offer.label}</a>` : html`<button type="button" class="primary" aria-disabled=${offer.press ? undefined : 'true'} aria-describedby=${why} onClick=${() => offer.press && press('book')}>${offer.label}</button>`}
        ${offer.swap && html`<button type="button" onClick=${() => setAsking({ swap: offer.swap })}><${Icon} name="swap" />${t('swap.open')}</button>`}
        ${planning && html`<${Planned} id=${id} plan=${plan} />`}
      </div>
      <p class="hint" id=${why}>${offer.why ?? ''}</p>`}
    ${asking && html`<${Question} asking=${asking} section=${section} claim=${claim} press=${press} onClose=${() => setAsking(null)} />`}
  </div>`;
}
