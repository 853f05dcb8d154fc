// Notices: to everybody, to one's class, or to oneself; unread ones first to the eye.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Empty, Loaded, More, Trouble } from '../components/feedback.js';
import { api } from '../lib/api.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { unread } from '../lib/notices.js';
import { usePaged } from '../lib/paged.js';
import { onEvent } from '../lib/socket.js';

const LIMIT = 30;

/** A link of this site stays in it; one that leads away says so by opening beside it. */
function Link({ link }) {
  const away = !link.startsWith('/');
  return html`<p><a href=${link} ...${away ? { target: '_blank', rel: 'noreferrer noopener' } : {}}>${t(away ? 'notices.away' : 'notices.look')}</a></p>`;
}

function Notice({ notice, read }) {
  const fresh = !notice.read_at;
  return html`<li class="entry notice" data-fresh=${fresh ? '' : undefined}>
    <div class="entry-time"><span>${format(notice.created_at, 'date')}</span><span class="num">${format(notice.created_at, 'time')}</span></div>
    <div class="entry-main"><h2>${notice.title}</h2>${notice.body && html`<p class="prose">${notice.body}</p>`}${notice.link && html`<${Link} link=${notice.link} />`}</div>
    <div class="entry-end">${fresh && html`<span class="badge" data-tone="accent">${t('notices.fresh')}</span><button type="button" class="quiet small-button" aria-label=${t('notices.read_this', { title: notice.title })} onClick=${() => read(notice.id)}>${t('notices.read')}</button>`}</div>
  </li>`;
}

function View() {
  const [error, setError] = useState(null);
  const load = usePaged(api, `/api/me/notices?limit=${LIMIT}`, { id: 'id', limit: LIMIT, every: () => 30000 });
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => onEvent((event) => ['notice', 'live'].includes(event.type) && latest.current.again().catch(() => {})), []);
  useEffect(() => {
    if (load.data?.unread !== undefined) unread.value = load.data.unread;
  }, [load.data]);
  const mark = async (address, which) => {
    setError(null);
    try {
      const { data } = await api(address, { method: 'POST' });
      const read_at = new Date().toISOString();
      const now = latest.current.data;
      latest.current.set({ ...now, unread: data?.unread ?? 0, items: now.items.map((one) => (which(one) ? { ...one, read_at } : one)) });
    } catch (failed) {
      setError(failed);
    }
  };
  const read = (id) => mark(`/api/me/notices/${id}/read`, (one) => one.id === id);
  return html`<header class="page-head with-action"><div><h1>${t('notices.title')}</h1><p class="lead">${unread.value ? t('notices.unread', { n: unread.value }) : t('notices.all_read')}</p></div>
      ${unread.value > 0 && html`<p class="actions"><button type="button" onClick=${() => mark('/api/me/notices/read-all', () => true)}>${t('notices.read_all')}</button></p>`}</header>
    ${error && html`<${Trouble} error=${error} />`}
    <${Loaded} load=${load} rows=${4}>${(data) => (data.items.length === 0 ? html`<${Empty} title=${t('notices.none')} text=${t('notices.none_text')} />` : html`<ol class="ledger">${data.items.map((notice) => html`<${Notice} key=${notice.id} notice=${notice} read=${read} />`)}</ol><${More} more=${load.more} />`)}<//>`;
}

export const page = { view: View, needs: 'session' };
