// A new password for somebody who forgot theirs: asked for first, told once.
import { html, useState } from '../vendor/ui.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';
import { Answer } from './answer.js';
import { Confirm } from './dialog.js';

/** A password that was made: told this once. @param {{ password: string, name: string }} props */
export function NewPassword({ password, name }) {
  return html`<div class="outcome" data-tone="warn" role="status"><div><p class="outcome-title">${t('desk.password', { name })} <code>${password}</code></p><p>${t('desk.password_once')}</p></div></div>`;
}

/** @param {{ path: string, record: any }} props */
export function ResetPassword({ path, record }) {
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  const run = () => sending.send(async () => (await api(`${path}/${record.id}/reset-password`, { method: 'POST' })).data.password);
  return html`<section class="no-print">
    <p class="actions"><button type="button" onClick=${() => setAsking(true)}>${t('desk.reset')}</button></p>
    <${Answer} error=${sending.error} />
    ${sending.done && html`<${NewPassword} password=${sending.done} name=${record.username} />`}
    <${Confirm} open=${asking} title=${t('desk.reset_title', { name: record.display_name })} text=${t('desk.reset_text')} confirm=${t('desk.reset')} onConfirm=${run} onClose=${() => setAsking(false)} />
  </section>`;
}
