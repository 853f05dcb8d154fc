// Beside a host that does not answer: it is lost for good, its spool is written off.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

export function WriteOff({ host }) {
  // A new dialog for each press, which stays until the next: it gives the focus back.
  const [asking, setAsking] = useState({ open: false, press: 0 });
  const sending = useSending();
  const send = (reason) =>
    sending.send(async () => (await api(`/api/ops/hosts/${encodeURIComponent(host.name)}/write-off`, { method: 'POST', body: { reason } })).data);
  const at = sending.done?.written_off_at ?? host.written_off_at;
  return html`${at && html`<p class="hint">${t('ops.written_off', { time: moment(at) })}</p>`}
    <p class="actions"><button type="button" class="danger-text" aria-disabled=${sending.busy ? 'true' : undefined} onClick=${() => setAsking((old) => ({ open: true, press: old.press + 1 }))}>${t('ops.write_off')}</button></p>
    <${Answer} error=${sending.error} done=${sending.done && t('ops.did_write_off')} />
    <${ConfirmWhy} key=${asking.press} open=${asking.open} danger=${true} title=${t('ops.write_off_title', { name: host.name })} text=${t('ops.write_off_text')} confirm=${t('ops.write_off')} most=${255} onConfirm=${(reason) => void send(reason)} onClose=${() => setAsking((old) => ({ ...old, open: false }))} />`;
}
