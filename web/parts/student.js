// What the page of a student has beyond the form: the account, a new password, leaving for good.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Confirm } from '../components/dialog.js';
import { ResetPassword } from '../components/new-password.js';
import { api } from '../lib/api.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

const PATH = '/api/manage/students';

function Withdraw({ record, onRecord }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const sending = useSending();
  if (record.status === 'withdrawn') return html`<p class="stale">${t('people.withdrawn_text')}</p>`;
  const run = () => sending.send(async () => onRecord((await api(`${PATH}/${record.id}/withdraw`, { method: 'POST', body: { reason: reason.trim() || '—' } })).data));
  return html`<p class="actions no-print"><button type="button" class="danger-text" onClick=${() => setAsking(true)}>${t('people.withdraw')}</button></p>
    <${Answer} error=${sending.error} />
    <${Confirm} open=${asking} danger title=${t('people.withdraw_title', { name: record.display_name })} text=${t('people.withdraw_text')} confirm=${t('people.withdraw')} onConfirm=${run} onClose=${() => setAsking(false)}>
      <label class="field"><span>${t('field.reason')}</span><input value=${reason} maxlength="500" onInput=${(event) => setReason(event.target.value)} /></label>
    <//>`;
}

export function Extra({ record, onRecord }) {
  return html`<dl class="pairs sheet">
      <div><dt>${t('field.username')}</dt><dd>${record.username}</dd></div>
      <div><dt>${t('field.major')}</dt><dd>${record.college} · ${record.department} · ${record.major}</dd></div>
      <div><dt>${t('field.last_login')}</dt><dd>${record.last_login ? moment(record.last_login) : '—'}</dd></div>
    </dl>
    <${ResetPassword} path=${PATH} record=${record} /><${Withdraw} record=${record} onRecord=${onRecord} />`;
}
