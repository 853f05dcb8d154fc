// Deleting a lecture that is a draft: the button, and the question before it.
import { html, useState } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';
import { navigate } from '../lib/router.js';
import { Deleting } from './records.js';

const DRAFTS = { path: '/api/manage/lectures', name: 'lectures', titleOf: (one) => one.title };

export function Deletion({ lecture }) {
  const [leaving, setLeaving] = useState(0);
  return html`<button type="button" class="danger-text" onClick=${() => setLeaving(leaving + 1)}>${t('desk.delete')}</button>
    ${leaving > 0 && html`<${Deleting} key=${leaving} definition=${DRAFTS} row=${lecture} gone=${() => navigate('/manage/lectures')} />`}`;
}
