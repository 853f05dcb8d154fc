// Signing in, and back to where one came from.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { OperationNumber } from '../components/feedback.js';
import { session, signIn } from '../lib/auth.js';
import { explain } from '../lib/errors.js';
import { t } from '../lib/i18n.js';
import { navigate, query, safeReturn } from '../lib/router.js';
import { loadPart } from '../lib/use-part.js';

function View() {
  const [state, setState] = useState({ busy: false, error: null });
  const [first, setFirst] = useState(null);
  const form = useRef(null);
  const { user, expired } = session.value;
  const back = safeReturn(query.value.get('next'));
  useEffect(() => {
    if (user) navigate(back, { replace: true });
  }, [user?.id]);
  const submit = async (event) => {
    event.preventDefault();
    if (state.busy) return;
    const fields = new FormData(form.current);
    const [username, password] = [String(fields.get('username')).trim(), String(fields.get('password'))];
    if (!username || !password) return setState({ busy: false, error: { code: 'fields_missing' } });
    setState({ busy: true, error: null });
    try {
      await signIn(username, password);
    } catch (error) {
      if (error.code === 'password_to_choose') {
        const part = await loadPart('parts/choose-password.js').catch(() => null);
        if (part) {
          setState({ busy: false, error: null });
          return setFirst({ View: part.ChoosePassword, username, first: password });
        }
      }
      setState({ busy: false, error });
      form.current?.elements.password.focus();
    }
  };
  return html`<div class="login">
    <div class="login-card">
      <span class="seal seal-large" aria-hidden="true">席</span>
      <h1>${t('login.heading')}</h1>
      <p class="muted">${t(expired ? 'login.expired' : query.value.get('next') ? 'login.back_note' : 'login.text')}</p>
      ${first ? html`<${first.View} username=${first.username} first=${first.first} onBack=${() => setFirst(null)} />` : html`<form ref=${form} onSubmit=${submit} novalidate>
        <${Field} label=${t('login.username')} name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required />
        <${Field} label=${t('login.password')} name="password" type="password" autocomplete="current-password" required />
        <div role="status">${state.error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(state.error)}</p><${OperationNumber} error=${state.error} /></div></div>`}</div>
        <button class="primary big" aria-disabled=${state.busy ? 'true' : undefined}>${t(state.busy ? 'login.busy' : 'session.sign_in')}</button>
      </form>
      <p class="hint">${t('login.help')}</p>`}
    </div>
  </div>`;
}

export const page = { view: View };
