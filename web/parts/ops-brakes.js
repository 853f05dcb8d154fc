// A brake on one lecture or section: pausing and resuming it, each with a reason.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Loaded } from '../components/feedback.js';
import { Field } from '../components/field.js';
import { Lookup } from '../components/lookup.js';
import { ConfirmWhy } from '../components/reason.js';
import { api } from '../lib/api.js';
import { findLectures, findSections } from '../lib/finders.js';
import { t } from '../lib/i18n.js';
import { useLoad } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';

const KINDS = { lecture: findLectures, section: findSections };

function Brake({ kind, choice }) {
  const path = kind === 'lecture' ? `/api/lectures/${choice.id}` : `/api/sections/${choice.id}`;
  const load = useLoad(async () => (await api(path)).data, [path]);
  // A new dialog for each press, which stays until the next: it gives the focus back.
  const [asking, setAsking] = useState({ open: false, word: 'freeze', press: 0 });
  const sending = useSending();
  const pull = (reason) => {
    const { word } = asking;
    sending.send(async () => {
      await api(`/api/ops/offerings/${kind}/${choice.id}/${word}`, { method: 'POST', body: { reason } });
      load.set({ ...load.data, frozen: word === 'freeze' });
      return word;
    });
  };
  const button = (word, look) => html`<button type="button" class=${look} onClick=${() => setAsking((old) => ({ open: true, word, press: old.press + 1 }))}>${t(`ops.${word}`)}</button>`;
  return html`<${Loaded} load=${load} rows=${1}>${(data) => html`
    <p>${choice.label} <span class="badge" data-tone=${data.frozen ? 'bad' : 'calm'}>${t(data.frozen ? 'ops.frozen' : 'ops.running')}</span></p>
    <p class="actions">${data.frozen ? button('resume', 'primary') : button('freeze', 'danger-text')}</p>
    <${Answer} error=${sending.error} done=${sending.done && t(`ops.did_${sending.done}`)} />
    <${ConfirmWhy} key=${asking.press} open=${asking.open} danger=${asking.word === 'freeze'} title=${t(`ops.${asking.word}_title`, { name: choice.label })} text=${t('ops.brake_text')} confirm=${t(`ops.${asking.word}`)} most=${255} onConfirm=${(reason) => void pull(reason)} onClose=${() => setAsking((old) => ({ ...old, open: false }))} />`}<//>`;
}

export function Brakes() {
  const [kind, setKind] = useState('lecture');
  const [choice, setChoice] = useState(null);
  const turn = (value) => {
    setKind(value);
    setChoice(null);
  };
  return html`<div class="form-grid">
      <${Field} as="select" label=${t('ops.kind')} value=${kind} onValue=${turn}>${Object.keys(KINDS).map((one) => html`<option key=${one} value=${one} selected=${one === kind}>${t(`ops.kind_${one}`)}</option>`)}<//>
      <${Lookup} key=${kind} label=${t('ops.which')} value=${choice} onValue=${setChoice} search=${KINDS[kind]} />
    </div>
    ${choice && html`<${Brake} key=${kind + choice.id} kind=${kind} choice=${choice} />`}`;
}
