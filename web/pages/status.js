// The public status page: made of static files only, so that it stands when the application does not.
import { html } from '../vendor/ui.js';
import { synced, sync, tick } from '../lib/clock.js';
import { format } from '../lib/format.js';
import { exchange } from '../lib/http.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';

const EVERY = 15000;

async function probe(path) {
  const sent = performance.now();
  try {
    await exchange(path, { timeout: 5000 });
    return { ok: true, ms: Math.round(performance.now() - sent) };
  } catch {
    return { ok: false, ms: null };
  }
}

async function look() {
  const [gate, app, ready] = await Promise.all([sync().then((ok) => ({ ok, ms: null })), probe('/healthz'), probe('/readyz')]);
  return { parts: { gate, app, ready }, at: tick.peek() };
}

function View() {
  const load = useLoad(look, []);
  usePolling(() => load.again(), () => EVERY, []);
  const { parts, at } = load.data ?? { parts: null, at: null };
  const all = parts && Object.values(parts).every((part) => part.ok);
  const some = parts && parts.gate.ok;
  const verdict = !parts ? 'checking' : all ? 'good' : some ? 'partly' : 'bad';
  return html`<header class="page-head"><h1>${t('status.title')}</h1><p class="lead">${t('status.lead')}</p></header>
    <div role="status"><div class="outcome" data-tone=${{ checking: 'busy', good: 'good', partly: 'warn', bad: 'bad' }[verdict]}><div>
      <p class="outcome-title">${t(`status.${verdict}`)}</p><p>${t(`status.${verdict}_text`)}</p></div></div></div>
    <ul class="plain-list status-list">
      ${['gate', 'app', 'ready'].map((name) => {
        const part = parts?.[name];
        return html`<li key=${name}><span>${t(`status.part_${name}`)}</span>
          <span class="badge" data-tone=${!part ? 'calm' : part.ok ? 'good' : 'bad'}>${t(!part ? 'status.asking' : part.ok ? 'status.works' : 'status.fails')}</span></li>`;
      })}
    </ul>
    <p class="hint">${at && synced.value ? t('status.as_of', { time: format(at, 'clock') }) : t('status.asking')}</p>
    <p class="prose">${t('status.promise')}</p>`;
}

export const page = { view: View };
