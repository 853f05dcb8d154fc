// First passwords for whoever of the list has no password: asked for first, then one file, told this once.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Confirm } from '../components/dialog.js';
import { Check } from '../components/field.js';
import { Icon } from '../components/icons.js';
import { withQuery } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { save } from '../lib/saving.js';
import { useSending } from '../lib/sending.js';

/** @param {{ path: string, name: string, values: Record<string, string> }} props values: the list's filters */
export function HandOut({ path, name, values }) {
  const [asking, setAsking] = useState(false);
  const [again, setAgain] = useState(false);
  const sending = useSending();
  const ask = () => {
    setAgain(false); // what was ticked last time would take away what was handed out since
    setAsking(true);
  };
  const run = () => sending.send(() => save(withQuery(`${path}/first-passwords`, values), `${name}-first-passwords.csv`, { method: 'POST', body: { again } }));
  return html`<button type="button" aria-disabled=${sending.busy ? 'true' : undefined} onClick=${() => sending.busy || ask()}><${Icon} name="download" />${t('first.open')}</button>
    <${Answer} error=${sending.error} />
    <${Confirm} open=${asking} title=${t('first.title')} text=${t('first.text')} confirm=${t('first.confirm')} onConfirm=${run} onClose=${() => setAsking(false)}>
      <${Check} label=${t('first.again')} checked=${again} onValue=${setAgain} />
    <//>`;
}
