// The request log: by request or claim number, account, path, time. Each row opens to what was sent and answered.
import { html, useState } from '../vendor/ui.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Field } from '../components/field.js';
import { api, withQuery } from '../lib/api.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { query, setQuery } from '../lib/router.js';
import { needs } from '../lib/staff-places.js';
import { fromInput } from '../lib/wall-time.js';

const LIMIT = 50;
const MORE = ['from', 'to', 'side', 'method', 'status'];
const NAMES = ['number', 'username', 'path', ...MORE];
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'GET'];
const CLAIM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What is asked of the server: a number with hyphens is a claim's, one without is a request's. */
function asked(filters) {
  const { number, from, to, ...rest } = filters;
  const own = number.trim().toLowerCase();
  const times = { from: from && fromInput(from), to: to && fromInput(to) };
  return { ...rest, ...times, ...(CLAIM.test(own) ? { claim: own } : { request_id: own }), limit: LIMIT };
}

const toneOf = (status) => (status >= 500 ? 'bad' : status >= 400 ? 'warn' : 'mute');

function Body({ label, text }) {
  if (!text) return null;
  return html`<div><dt>${label}</dt><dd><pre tabindex="0" aria-label=${label}>${text}</pre></dd></div>`;
}

function Entry({ row }) {
  const [open, setOpen] = useState(false);
  return html`<li class="log">
    <details onToggle=${(event) => setOpen(event.target.open)}>
      <summary>
        <span class="log-when num">${format(row.at, 'date')} ${format(row.at, 'clock')}</span>
        <span class="log-what"><b>${row.method}</b> <code>${row.path}</code></span>
        <span class="log-who">${row.username ?? t('logs.nobody')}</span>
        <span class="badge" data-tone=${toneOf(row.status)}>${row.status}</span>
      </summary>
      ${open &&
      html`<dl class="log-detail">
        <div><dt>${t('logs.request_id')}</dt><dd><code>${row.request_id}</code></dd></div>
        <div><dt>${t('logs.address')}</dt><dd>${row.request_ip}</dd></div>
        <div><dt>${t('logs.role')}</dt><dd>${row.role ? t(`logs.role_${row.role}`) : '—'} · ${t(`logs.${row.side}`)}</dd></div>
        <div><dt>${t('logs.took')}</dt><dd>${row.duration_ms} ms</dd></div>
        <${Body} label=${t('logs.sent')} text=${row.request_body} />
        <${Body} label=${t('logs.answered')} text=${row.response_body} />
      </dl>`}
    </details>
  </li>`;
}

function Filters({ filters }) {
  const [draft, setDraft] = useState(filters);
  const field = (name, options = {}) => html`<${Field} label=${t(`logs.by_${name}`)} value=${draft[name]} onValue=${(value) => setDraft({ ...draft, [name]: value })} ...${options} />`;
  const choice = (name, values, say) =>
    field(name, { as: 'select', children: ['', ...values].map((value) => html`<option key=${value} value=${value} selected=${draft[name] === value}>${value ? say(value) : t('filter.all')}</option>`) });
  const search = (event) => {
    event.preventDefault();
    setQuery(draft);
  };
  return html`<form class="sheet" role="search" onSubmit=${search}>
    <div class="form-grid">
      ${field('number', { hint: t('logs.number_hint'), autocomplete: 'off', spellcheck: false })} ${field('username', { autocomplete: 'off', spellcheck: false })}
      ${field('path', { placeholder: '/api/', autocomplete: 'off', spellcheck: false })}
    </div>
    <details open=${MORE.some((name) => filters[name])}><summary>${t('logs.more')}</summary><div class="form-grid">
      ${field('from', { type: 'datetime-local' })} ${field('to', { type: 'datetime-local' })}
      ${choice('side', ['frontend', 'backend'], (value) => t(`logs.${value}`))} ${choice('method', METHODS, (value) => value)}
      ${field('status', { inputmode: 'numeric', maxlength: 3, placeholder: '409' })}
    </div></details>
    <p class="actions"><button class="primary">${t('logs.search')}</button><button type="button" onClick=${() => (setQuery({}), setDraft(blank()))}>${t('filter.clear')}</button></p>
  </form>`;
}

const blank = () => Object.fromEntries(NAMES.map((name) => [name, '']));

function View() {
  const filters = Object.fromEntries(NAMES.map((name) => [name, query.value.get(name) ?? '']));
  const load = usePaged(api, withQuery('/api/admin/request-logs', asked(filters)), { id: 'id', limit: LIMIT, every: () => 0 });
  return html`<${Desk} title=${t('staff.logs')} lead=${t('logs.lead')}>
    <${Filters} filters=${filters} />
    <${Loaded} load=${load} rows=${6}>${(data) =>
      data.items.length === 0
        ? html`<${Empty} title=${t('logs.none')} text=${t('logs.none_text')} />`
        : html`<ol class="logs">${data.items.map((row) => html`<${Entry} key=${row.id} row=${row} />`)}</ol><${More} more=${load.more} />`}<//>
  <//>`;
}

export const page = { view: View, needs: needs.logs };
