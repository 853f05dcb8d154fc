// Notices: what the office has written, to whom; writing one, taking one back.
import { html } from '../vendor/ui.js';
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const scope = (one) => t(`scope.${one}`);

export const page = recordsPage({
  name: 'notices',
  form: 'form-notices',
  path: '/api/manage/notices',
  titleOf: (row) => row.title,
  search: false,
  fixed: true,
  columns: [
    { key: 'title', cell: (row) => html`${row.title}${row.body && html`<span class="muted small notice-body">${row.body}</span>`}` },
    { key: 'scope', cell: (row) => (row.scope === 'all' ? t('scope.all') : `${scope(row.scope)} · ${row.target_ids.length}`) },
    { key: 'created_at', cell: (row) => moment(row.created_at) },
  ],
});
