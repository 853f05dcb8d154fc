// What drills and rehearsals gave: a list, the newest first, and each by itself.
import { html } from '../vendor/ui.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded, More, Skeleton } from '../components/feedback.js';
import { api } from '../lib/api.js';
import { format, number } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { useLoad } from '../lib/poll.js';
import { needs } from '../lib/staff-places.js';
import { usePart } from '../lib/use-part.js';

const LIMIT = 20;

function Entry({ report }) {
  const wrong = Object.values(report.counts).reduce((sum, one) => sum + one, 0);
  return html`<li class="entry">
    <div class="entry-time"><span>${format(report.at, 'date')}</span><span class="num">${format(report.at, 'time')}</span></div>
    <div class="entry-main"><h2><a class="cover" href=${`/ops/drills/${report.id}`}>${report.title[language.value]}</a></h2><p class="hint">${t(`drills.kind_${report.kind}`)}</p></div>
    <div class="entry-end"><span class="badge" data-tone=${report.held ? 'good' : 'bad'}>${report.held ? t('drills.held') : `${t('drills.broken')} ${number(wrong)}`}</span></div>
  </li>`;
}

function List() {
  const load = usePaged(api, `/api/ops/drills?limit=${LIMIT}`, { id: 'id', limit: LIMIT, every: () => 30000 });
  return html`<${Desk} title=${t('staff.drills')} lead=${t('about.drills')}>
    <${Loaded} load=${load} rows=${4}>${(data) => (data.items.length === 0 ? html`<${Empty} title=${t('drills.none')} text=${t('drills.none_text')} />` : html`<ol class="ledger" aria-label=${t('drills.list')}>${data.items.map((one) => html`<${Entry} key=${one.id} report=${one} />`)}</ol><${More} more=${load.more} />`)}<//>
  <//>`;
}

function One({ id }) {
  const load = useLoad(async () => (await api(`/api/ops/drills/${id}`)).data, [id]);
  const { module: part } = usePart('parts/drill-report.js', true);
  const gone = load.error?.status === 404 && !load.data;
  const title = load.data ? load.data.title[language.value] : t(gone ? 'drills.gone' : 'staff.drills');
  return html`<${Desk} title=${title} back=${{ href: '/ops/drills', label: t('drills.all') }}>
    ${gone ? html`<${Empty} text=${t('drills.gone_text')} />` : html`<${Loaded} load=${load} rows=${4}>${(report) => (part ? html`<${part.DrillReport} report=${report} />` : html`<${Skeleton} rows=${4} />`)}<//>`}
  <//>`;
}

function View({ param }) {
  return param ? html`<${One} key=${param} id=${param} />` : html`<${List} />`;
}

export const page = { view: View, needs: needs.drills };
