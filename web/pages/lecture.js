// One lecture: what it is, when it opens, and the seat.
import { html, useState } from '../vendor/ui.js';
import { BookingPanel } from '../components/booking-panel.js';
import { Icon } from '../components/icons.js';
import { Empty, Loaded } from '../components/feedback.js';
import { recounted } from '../components/seats.js';
import { SeatSheet } from '../components/seat-sheet.js';
import { phaseAt } from '../components/lecture.js';
import { PhaseBadge } from '../components/badge.js';
import { open } from '../lib/api.js';
import { may, session } from '../lib/auth.js';
import { tick } from '../lib/clock.js';
import { epoch, range } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { afterCache, useLoad, usePolling } from '../lib/poll.js';
import { useTitle } from '../lib/title.js';

function Facts({ lecture }) {
  return html`<dl class="facts">
    <div><dt><${Icon} name="clock" />${t('lecture.when')}</dt><dd>${range(lecture.starts_at, lecture.ends_at)}</dd></div>
    <div><dt><${Icon} name="place" />${t('lecture.place')}</dt><dd>${lecture.place}</dd></div>
    <div><dt><${Icon} name="person" />${t('lecture.speaker')}</dt><dd>${lecture.speaker}</dd></div>
  </dl>`;
}

/** How often the seats are asked for: quickly around the opening, slowly otherwise. */
function seatsEvery(lecture) {
  const since = tick.peek() - epoch(lecture.opens_at);
  const phase = phaseAt(lecture, tick.peek());
  if (phase === 'past' || phase === 'cancelled') return 0;
  if (since > -5000 && since < 180000) return 4000;
  return phase === 'open' ? 12000 : 30000;
}

function Lecture({ lecture: loaded }) {
  const [lecture, setLecture] = useState(loaded);
  const reload = async () => {
    const { data } = await open(`/api/lectures/${lecture.id}`);
    setLecture((old) => ((data.version ?? 0) < (old.version ?? 0) ? old : recounted(data, old)));
  };
  usePolling(reload, () => seatsEvery(lecture), [lecture.id]);
  useTitle(lecture.title);
  const phase = phaseAt(lecture, tick.value);
  return html`<article class="lecture">
    <header class="lecture-head">
      <a class="back-link" href="/lectures"><${Icon} name="back" />${t('lectures.title')}</a>
      <p><${PhaseBadge} phase=${phase} /></p>
      <h1>${lecture.title}</h1>
      <${Facts} lecture=${lecture} />
    </header>
    <aside class="lecture-side">
      <${BookingPanel} key=${session.value.user?.id ?? ''} lecture=${lecture} phase=${phase} reload=${afterCache(reload)} setLecture=${setLecture} />
    </aside>
    <div class="lecture-body">
      ${lecture.summary && html`<section><h2>${t('lecture.about')}</h2><p class="prose">${lecture.summary}</p></section>`}
      <${SeatSheet} lecture=${lecture} />
      <p class="actions">
        <a class="button" href=${`/api/lectures/${lecture.id}/calendar.ics`} download=${`lecture-${lecture.id}.ics`}><${Icon} name="calendar" />${t('lecture.calendar')}</a>
        ${may('lectures:manage') && html`<a class="button" href=${`/manage/lectures/${lecture.id}`}><${Icon} name="manage" />${t('lecture.manage')}</a>`}
      </p>
    </div>
  </article>`;
}

function View({ param }) {
  const load = useLoad(async () => (await open(`/api/lectures/${param}`)).data, [param]);
  if (load.error?.status === 404 && !load.data) {
    return html`<h1>${t('lecture.gone')}</h1>
      <${Empty} text=${t('lecture.gone_text')}><a class="button primary" href="/lectures">${t('home.browse')}</a><//>`;
  }
  return html`<${Loaded} load=${load} rows=${5}>${(lecture) => html`<${Lecture} lecture=${lecture} />`}<//>`;
}

export const page = { view: View };
