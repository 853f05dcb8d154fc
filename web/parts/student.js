// What the page of a student has beyond the form: the account, a new password, leaving for good.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { ResetPassword } from '../components/new-password.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

const PATH = '/api/manage/students';

function Withdraw({ record, onRecord }) {
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  if (record.status === 'withdrawn') return html`<p class="stale">${t('people.withdrawn_text')}</p>`;
  const run = (reason) => sending.send(async () => onRecord((await api(`${PATH}/${record.id}/withdraw`, { method: 'POST', body: { reason } })).data));
  return html`<p class="actions no-print"><button type="button" class="danger-text" onClick=${() => setAsking(true)}>${t('people.withdraw')}</button></p>
    <${Answer} error=${sending.error} />
    <${ConfirmWhy} open=${asking} danger title=${t('people.withdraw_title', { name: record.display_name })} text=${t('people.withdraw_text')} confirm=${t('people.withdraw')} onConfirm=${run} onClose=${() => setAsking(false)} />`;
}

export function Extra({ record, onRecord }) {
  return html`<dl class="pairs sheet">
      <div><dt>${t('field.username')}</dt><dd>${record.username}</dd></div>
      <div><dt>${t('field.student_no')}</dt><dd>${record.student_no}</dd></div>
      <div><dt>${t('field.class_name')}</dt><dd>${record.class_name}</dd></div>
      <div><dt>${t('field.major')}</dt><dd>${record.college} · ${record.department} · ${record.major}</dd></div>
      <div><dt>${t('field.last_login')}</dt><dd>${record.last_login ? moment(record.last_login) : '—'}</dd></div>
    </dl>
    ${record.status !== 'withdrawn' && html`<${ResetPassword} path=${PATH} record=${record} />`}<${Withdraw} record=${record} onRecord=${onRecord} />`;
}
