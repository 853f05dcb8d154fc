// The person: who they are here, their password, their language, signing out.
import { html, useRef, useState } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { OperationNumber } from '../components/feedback.js';
import { api } from '../lib/api.js';
import { may, session, signOut } from '../lib/auth.js';
import { explain } from '../lib/errors.js';
import { language, setLanguage, t } from '../lib/i18n.js';
import { navigate } from '../lib/router.js';

const SHORTEST = 10;

function Person({ user }) {
  const { student } = user;
  const rows = [
    ['account.username', user.username],
    ['account.role', t(`role.${user.role}`)],
    ...(student
      ? [['account.student_no', student.student_no], ['account.college', student.college], ['account.major', student.major], ['account.class', student.class_name], ['account.grade', student.grade]]
      : []),
  ];
  return html`<dl class="pairs">${rows.map(([key, value]) => html`<div key=${key}><dt>${t(key)}</dt><dd>${value ?? '—'}</dd></div>`)}</dl>`;
}

function Password() {
  const form = useRef(null);
  const [state, setState] = useState({ busy: false, error: null, done: false });
  const submit = async (event) => {
    event.preventDefault();
    if (state.busy) return;
    const { old_password: old, new_password: fresh, again } = Object.fromEntries(new FormData(form.current));
    const fail = (code) => setState({ busy: false, done: false, error: { code, data: {} } });
    if (!old || !fresh) return fail('fields_missing');
    if (String(fresh).length < SHORTEST) return fail('password_short');
    if (fresh !== again) return fail('password_differs');
    setState({ busy: true, error: null, done: false });
    try {
      await api('/api/auth/password', { method: 'POST', body: { old_password: old, new_password: fresh }, timeout: 15000 });
      form.current.reset();
      setState({ busy: false, error: null, done: true });
    } catch (error) {
      setState({ busy: false, error, done: false });
    }
  };
  return html`<form class="form narrow" ref=${form} onSubmit=${submit} novalidate>
    <input class="visually-hidden" type="text" name="username" autocomplete="username" value=${session.value.user.username} readonly tabindex="-1" aria-hidden="true" />
    <${Field} label=${t('account.old_password')} name="old_password" type="password" autocomplete="current-password" />
    <${Field} label=${t('account.new_password')} name="new_password" type="password" autocomplete="new-password" hint=${t('account.password_hint', { n: SHORTEST })} />
    <${Field} label=${t('account.again')} name="again" type="password" autocomplete="new-password" />
    <div role="status">
      ${state.error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(state.error)}</p><${OperationNumber} error=${state.error} /></div></div>`}
      ${state.done && html`<div class="outcome" data-tone="good"><div><p class="outcome-title">${t('account.password_done')}</p></div></div>`}
    </div>
    <p><button class="primary" aria-disabled=${state.busy ? 'true' : undefined}>${t('account.change_password')}</button></p>
  </form>`;
}

function View() {
  const { user } = session.value;
  const [failed, setFailed] = useState(null);
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      return setFailed(error);
    }
    navigate('/login', { replace: true });
  };
  return html`<header class="page-head"><h1>${user.display_name}</h1></header>
    <section class="sheet"><h2>${t('account.about')}</h2><${Person} user=${user} /></section>
    <section class="sheet"><h2>${t('account.language')}</h2>
      <fieldset class="segments"><legend class="visually-hidden">${t('account.language')}</legend>
        ${[['zh', '中文', 'zh-CN'], ['en', 'English', 'en']].map(([code, name, lang]) => html`<label key=${code} lang=${lang}><input type="radio" name="language" checked=${language.value === code} onChange=${() => setLanguage(code)} /><span>${name}</span></label>`)}
      </fieldset></section>
    <section class="sheet"><h2>${t('account.password')}</h2><${Password} /></section>
    <div role="status">${failed && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${t('session.still_in', { why: explain(failed) })}</p><${OperationNumber} error=${failed} /></div></div>`}</div>
    <p class="actions">
      ${may('ops') && html`<a class="button" href="/api/docs">${t('account.api_docs')}</a>`}
      <button type="button" onClick=${leave}>${t('session.sign_out')}</button>
    </p>`;
}

export const page = { view: View, needs: 'session' };
