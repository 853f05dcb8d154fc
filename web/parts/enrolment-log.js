// The log of enrolling, dropping and swapping.
import { html } from '../vendor/ui.js';
import { Empty } from '../components/feedback.js';
import { Ledger } from '../components/ledger.js';
import { t } from '../lib/i18n.js';

export function EnrolmentLog() {
  return html`<${Ledger} kind="section" hrefOf=${() => null} none=${html`<${Empty} text=${t('mine.no_log')} />`} />`;
}
