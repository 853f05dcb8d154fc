// How many are let in: the live limit, and a brake on one lecture or section, which comes a moment later.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Loaded, Skeleton } from '../components/feedback.js';
import { Field } from '../components/field.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';
import { needs } from '../lib/staff-places.js';
import { usePart } from '../lib/use-part.js';

const LIMIT = '/api/ops/admission';
const MOST = 1000000;
const NAMES = ['rate', 'burst'];
const whole = (text) => /^\d{1,7}$/.test(text) && Number(text) <= MOST;

function Limit({ now, onChanged }) {
  const [form, setForm] = useState({ rate: String(now.rate), burst: String(now.burst) });
  const [asking, setAsking] = useState(false);
  const sending = useSending();
  const good = NAMES.every((name) => whole(form[name]));
  const same = good && NAMES.every((name) => Number(form[name]) === now[name]);
  const send = (reason) =>
    sending.send(async () => onChanged((await api(LIMIT, { method: 'PUT', body: { rate: Number(form.rate), burst: Number(form.burst), reason } })).data));
  const submit = (event) => {
    event.preventDefault();
    if (good && !same) setAsking(true);
  };
  const said = (limit) => t('ops.bucket', { rate: number(Number(limit.rate)), burst: number(Number(limit.burst)) });
  return html`<form class="sheet" onSubmit=${submit} novalidate>
    <h2>${t('ops.admission')}</h2>
    <p>${t('ops.limit_now')} <strong>${said(now)}</strong></p>
    <div class="form-grid">${NAMES.map((name) => html`<${Field} key=${name} label=${t(`ops.limit_${name}`)} hint=${t(`ops.limit_${name}_hint`)} inputmode="numeric" value=${form[name]} error=${whole(form[name]) ? '' : t('ops.limit_bounds')} onValue=${(value) => setForm({ ...form, [name]: value.trim() })} />`)}</div>
    <p class="actions"><button class="primary" aria-disabled=${!good || same || sending.busy ? 'true' : undefined}>${t('ops.limit_change')}</button></p>
    <${Answer} error=${sending.error} done=${sending.done && t('ops.limit_changed')} />
    <${ConfirmWhy} open=${asking} danger=${Number(form.rate) === 0} title=${t('ops.limit_title')} text=${Number(form.rate) === 0 ? t('ops.limit_zero') : ''} confirm=${t('ops.limit_change')} most=${255} onConfirm=${(reason) => void send(reason)} onClose=${() => setAsking(false)}>
      <p>${said(now)} → <strong>${said(form)}</strong></p>
    <//>
  </form>`;
}

function View() {
  const load = useLoad(async () => (await api(LIMIT)).data, []);
  const { module: brakes } = usePart('parts/ops-brakes.js', false, 'records forms');
  return html`<${Desk} title=${t('staff.admission')} lead=${t('about.admission')}>
    <${Loaded} load=${load} rows=${2}>${(now) => html`<${Limit} now=${now} onChanged=${load.set} />`}<//>
    <section class="sheet"><h2>${t('ops.brakes')}</h2>${brakes ? html`<${brakes.Brakes} />` : html`<${Skeleton} rows=${1} />`}</section>
  <//>`;
}

export const page = { view: View, needs: needs.admission };
