// The ticket: a QR code to show at the door, and to print.
import { html } from '../vendor/ui.js';
import { Empty, Loaded } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { session } from '../lib/auth.js';
import { format, range } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { useTitle } from '../lib/title.js';

/** The server's SVG as an image: nothing in it can run. */
function QrCode({ svg }) {
  return html`<img class="qr" alt=${t('ticket.qr')} src=${`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`} />`;
}

function Ticket({ ticket }) {
  const { lecture, checked_in_at: arrived } = ticket;
  const { user } = session.value;
  useTitle(`${t('ticket.title')} · ${lecture.title}`);
  return html`<article class="ticket">
      <div class="ticket-head">
        <p class="eyebrow">${t('ticket.title')}</p>
        <h1>${lecture.title}</h1>
        <p>${range(lecture.starts_at, lecture.ends_at)}</p>
        <p>${lecture.place}</p>
      </div>
      <div class="ticket-code">
        <${QrCode} svg=${ticket.qr_svg} />
        <p class="door-code"><span>${t('ticket.door_code')}</span> <b class="num">${ticket.door_code}</b></p>
        ${arrived ? html`<p class="badge" data-tone="good">${t('ticket.used', { time: format(arrived, 'time') })}</p>` : html`<p class="hint">${t('ticket.show')}</p>`}
      </div>
      <dl class="pairs ticket-foot">
        <div><dt>${t('ticket.name')}</dt><dd>${user.display_name}</dd></div>
        <div><dt>${t('ticket.number')}</dt><dd>${user.student?.student_no ?? user.username}</dd></div>
        <div class="wide"><dt>${t('ticket.code')}</dt><dd><code>${ticket.ticket}</code></dd></div>
      </dl>
    </article>
    <p class="actions no-print">
      <button type="button" onClick=${() => print()}><${Icon} name="print" />${t('ticket.print')}</button>
      <a class="button" href=${`/lectures/${lecture.id}`}>${t('ticket.lecture')}</a>
    </p>`;
}

function View({ param }) {
  const load = useLoad(async () => (await api(`/api/claims/${param}/ticket`)).data, [param]);
  usePolling(() => load.again(), () => (load.data && !load.data.checked_in_at ? 15000 : 0), [param]);
  if (load.error && !load.data && load.error.status >= 400 && load.error.status < 500) {
    return html`<h1>${t('ticket.none')}</h1><${Empty} text=${t('ticket.none_text')}><a class="button" href="/claims">${t('claims.title')}</a><//>`;
  }
  return html`<${Loaded} load=${load} rows=${4}>${(ticket) => html`<${Ticket} ticket=${ticket} />`}<//>`;
}

export const page = { view: View, needs: 'claims:own' };
