// The system settings: what each is now, changing it with a reason and a look at the difference, and who changed what.
import { html, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Check, Field } from '../components/field.js';
import { api, withQuery } from '../lib/api.js';
import { moment, number } from '../lib/format.js';
import { language, t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { useLoad } from '../lib/poll.js';
import { useSending } from '../lib/sending.js';
import { needs } from '../lib/staff-places.js';

const LIMIT = 20;
const LANGUAGES = [['zh', 'zh-CN'], ['en', 'en']];
const address = (key) => `/api/admin/controls/${encodeURIComponent(key)}`;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** A value as a person reads it. */
function Value({ kind, value }) {
  if (kind === 'switch') return t(value ? 'settings.on' : 'settings.off');
  if (kind === 'number') return number(value);
  const said = LANGUAGES.filter(([language]) => value?.[language]);
  if (!said.length) return html`<span class="muted">${t('settings.empty')}</span>`;
  return said.map(([language, tag]) => html`<span class="block" lang=${tag} key=${language}>${value[language]}</span>`);
}

function Difference({ kind, from, to }) {
  return html`<dl class="difference">
    <div><dt>${t('settings.before')}</dt><dd><del><${Value} kind=${kind} value=${from} /></del></dd></div>
    <div><dt>${t('settings.after')}</dt><dd><ins><${Value} kind=${kind} value=${to} /></ins></dd></div>
  </dl>`;
}

/** The field or fields of a value. `value` is what a form holds: a number is a text until it is sent. */
function Editor({ setting, value, onValue, error }) {
  const { kind, bounds, label } = setting;
  if (kind === 'switch') return html`<${Check} label=${t('settings.on')} checked=${value} onValue=${onValue} />`;
  if (kind === 'number') {
    return html`<${Field} label=${t('settings.value')} type="number" inputmode="numeric" min=${bounds.minimum} max=${bounds.maximum} value=${value}
      hint=${t('settings.bounds', { from: number(bounds.minimum), to: number(bounds.maximum) })} error=${error} onValue=${onValue} />`;
  }
  return LANGUAGES.map(
    ([language, tag]) => html`<${Field} key=${language} as="textarea" rows="2" lang=${tag} label=${`${label} · ${t(`settings.in_${language}`)}`} maxlength=${bounds.longest}
      value=${value[language]} onValue=${(text) => onValue({ ...value, [language]: text })} />`,
  );
}

function Change({ setting, onChanged, onStale, onClose }) {
  const number = setting.kind === 'number';
  const [value, setValue] = useState(number ? String(setting.value) : setting.value);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const sending = useSending();
  const { minimum, maximum } = setting.bounds;
  const meant = number ? Number(value) : value;
  const bad = number && !(/^\d+$/.test(value) && meant >= minimum && meant <= maximum);
  const changed = !bad && !same(meant, setting.value);
  const submit = (event) => {
    event.preventDefault();
    setTried(true);
    if (!changed || !reason.trim()) return;
    sending.send(async () => {
      const body = { value: meant, version: setting.version, reason: reason.trim() };
      onChanged((await api(address(setting.key), { method: 'PUT', body })).data);
    });
  };
  return html`<form class="form" onSubmit=${submit} novalidate>
    <${Editor} setting=${setting} value=${value} onValue=${setValue} error=${bad ? t('settings.bounds', { from: minimum, to: maximum }) : ''} />
    ${changed && html`<${Difference} kind=${setting.kind} from=${setting.value} to=${meant} />`}
    ${tried && !changed && !bad && html`<p class="field-error">${t('settings.unchanged')}</p>`}
    <${Field} label=${t('settings.reason')} hint=${t('settings.reason_hint')} maxlength="500" value=${reason} onValue=${setReason} error=${tried && !reason.trim() ? t('desk.required') : ''} />
    <${Answer} error=${sending.error}>${sending.error?.code === 'conflict' && html`<p class="actions"><button type="button" onClick=${onStale}>${t('desk.newest')}</button></p>`}<//>
    <p class="actions"><button class="primary" aria-disabled=${sending.busy ? 'true' : undefined}>${t(sending.busy ? 'desk.saving' : 'desk.save')}</button>
      <button type="button" onClick=${onClose}>${t('action.back')}</button></p>
  </form>`;
}

function History({ setting }) {
  const load = usePaged(api, withQuery(`${address(setting.key)}/history`, { limit: LIMIT }), { id: 'version', limit: LIMIT, every: () => 0 });
  return html`<${Loaded} load=${load} rows=${2}>${(data) =>
    data.items.length === 0
      ? html`<${Empty} text=${t('settings.no_history')} />`
      : html`<ol class="history" reversed>${data.items.map(
          (one) => html`<li key=${one.version}>
            <p><strong>${one.username}</strong> <span class="muted">${moment(one.at)}</span></p>
            <${Difference} kind=${setting.kind} from=${one.old ?? setting.default} to=${one.new} />
            <p>${t('settings.because', { reason: one.reason })}</p>
          </li>`,
        )}</ol><${More} more=${load.more} />`}<//>`;
}

function Setting({ setting, onChanged, onStale }) {
  const [shown, setShown] = useState('');
  const [done, setDone] = useState(false);
  const toggle = (part) => () => {
    setDone(false);
    setShown(shown === part ? '' : part);
  };
  const changed = (data) => {
    setShown('');
    setDone(true);
    onChanged(data);
  };
  const button = (part) => html`<button type="button" class="small-button" aria-expanded=${shown === part} aria-label=${`${t(`settings.${part}`)}: ${setting.label}`} onClick=${toggle(part)}>${t(`settings.${part}`)}</button>`;
  return html`<article class="sheet setting">
    <div class="setting-head">
      <div><h2>${setting.label}</h2><p class="hint"><code>${setting.key}</code></p></div>
      <p class="setting-value"><${Value} kind=${setting.kind} value=${setting.value} /></p>
      <p class="actions">${button('change')}${button('history')}</p>
    </div>
    <p class="hint">${setting.changed_at ? t('settings.changed', { who: setting.changed_by ?? '—', when: moment(setting.changed_at) }) : t('settings.default')}</p>
    <${Answer} done=${done && t('desk.saved')} />
    ${shown === 'change' && html`<${Change} key=${setting.version} setting=${setting} onChanged=${changed} onStale=${onStale} onClose=${() => setShown('')} />`}
    ${shown === 'history' && html`<${History} key=${setting.version} setting=${setting} />`}
  </article>`;
}

function View() {
  const load = useLoad(async () => (await api('/api/admin/controls')).data.items, [language.value]);
  const put = (data) => load.set(load.data.map((one) => (one.key === data.key ? data : one)));
  return html`<${Desk} title=${t('staff.settings')} lead=${t('about.settings')}>
    <${Loaded} load=${load} rows=${4}>${(items) => items.map((setting) => html`<${Setting} key=${setting.key} setting=${setting} onChanged=${put} onStale=${load.reload} />`)}<//>
  <//>`;
}

export const page = { view: View, needs: needs.settings };
