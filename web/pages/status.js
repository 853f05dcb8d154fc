// The public status page: static files and a file that is written every two seconds, both Nginx's own, so that it stands
// when the application does not. When the file is old or missing it says so, and asks the application itself.
import { html } from '../vendor/ui.js';
import { now, synced, sync } from '../lib/clock.js';
import { format, number } from '../lib/format.js';
import { exchange } from '../lib/http.js';
import { language, t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';

const EVERY = 5000;
// So many writings may be missed before what the file says is called old.
const MISSED = 6;
const TONES = { up: 'good', slow: 'warn', silent: 'warn', down: 'bad', unknown: 'calm' };
const PARTS = ['app', 'live', 'deciding', 'database', 'cache', 'queue', 'marks'];

const answers = (path) => exchange(path, { timeout: 5000 }).then(() => 'up', () => 'down');

/** What the file says, null when it cannot be had. */
const told = () => exchange('/status.json', { timeout: 5000 }).then(({ data }) => data, () => null);

async function look() {
  const [gate, file] = await Promise.all([sync(), told()]);
  const at = file?.at_ms ?? null;
  const fresh = at !== null && now() - at < MISSED * file.every_s * 1000;
  if (fresh) return { gate, fresh, file, at, parts: file.parts, verdict: gate ? file.verdict : 'bad' };
  const app = gate || file ? await answers('/healthz') : 'down';
  return { gate, fresh, file, at, parts: { app }, verdict: app === 'up' ? 'partly' : 'bad' };
}

function Part({ name, state }) {
  return html`<li><span>${t(`status.part_${name}`)}</span><span class="badge" data-tone=${TONES[state]}>${t(`status.state_${state}`)}</span></li>`;
}

/** What is told of the claims, and what the staff have to say. */
function Told({ file }) {
  const said = file.notice?.[language.value] || file.notice?.zh;
  return html`${said && html`<p class="stale">${said}</p>`}
    <p>${file.pending ? t('status.pending', { n: number(file.pending), seconds: number(Math.round((file.oldest_pending_ms ?? 0) / 1000)) }) : file.pending === 0 && t('status.pending_none')}</p>`;
}

function Found({ found }) {
  const { gate, fresh, file, at, parts } = found;
  return html`${!fresh && html`<p class="stale">${at === null ? t('status.missing') : t('status.old', { time: format(at, 'clock') })}</p>`}
    ${fresh && html`<${Told} file=${file} />`}
    <ul class="plain-list status-list"><${Part} name="gate" state=${gate ? 'up' : 'down'} />${PARTS.map((name) => html`<${Part} key=${name} name=${name} state=${parts[name] ?? 'unknown'} />`)}</ul>
    <p class="hint">${fresh && synced.value ? t('status.as_of', { time: format(at, 'clock'), n: EVERY / 1000 }) : ''}</p>`;
}

function View() {
  const load = useLoad(look, []);
  usePolling(() => load.again(), () => EVERY, []);
  const verdict = load.data?.verdict ?? 'checking';
  return html`<header class="page-head"><h1>${t('status.title')}</h1><p class="lead">${t('status.lead')}</p></header>
    <div role="status"><div class="outcome" data-tone=${{ checking: 'busy', good: 'good', partly: 'warn', bad: 'bad' }[verdict]}><div>
      <p class="outcome-title">${t(`status.${verdict}`)}</p><p>${t(`status.${verdict}_text`)}</p></div></div></div>
    ${load.data ? html`<${Found} found=${load.data} />` : html`<p class="hint">${t('status.asking')}</p>`}
    <p class="prose">${t('status.promise')}</p>`;
}

export const page = { view: View };
