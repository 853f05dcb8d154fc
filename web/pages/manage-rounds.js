// Selection rounds: when students may choose, in which way; each has its timeline and what may be done while it runs.
import { html } from '../vendor/ui.js';
import { recordsPage } from '../components/records.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const mode = (one) => t(`mode.${one}`);
const phase = (row) => (row.state === 'draft' ? 'draft' : row.frozen ? 'frozen' : row.phase);
const TONES = { open: 'accent', upcoming: 'calm', frozen: 'bad', closed: 'mute', draft: 'mute' };

export const page = recordsPage({
  name: 'rounds',
  form: 'form-rounds',
  path: '/api/manage/rounds',
  search: false,
  titleOf: (row) => t('round.title', { n: row.round_no }),
  columns: [
    { key: 'round_no', cell: (row) => t('round.title', { n: row.round_no }) },
    { key: 'state', cell: (row) => html`<span class="badge" data-tone=${TONES[phase(row)]}>${t(`round.${phase(row)}`)}</span>` },
    { key: 'mode', cell: (row) => mode(row.mode) },
    { key: 'opens_at', cell: (row) => moment(row.opens_at) },
    { key: 'closes_at', cell: (row) => moment(row.closes_at) },
    { key: 'drop_until', cell: (row) => moment(row.drop_until) },
  ],
  filters: [{ name: 'term_id', choices: 'terms' }],
  extra: 'round',
});
