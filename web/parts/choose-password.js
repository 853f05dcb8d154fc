// The first password was right: choose one of one's own, and be signed in.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { OperationNumber } from '../components/feedback.js';
import { signIn } from '../lib/auth.js';
import { explain } from '../lib/errors.js';
import { t } from '../lib/i18n.js';

const SHORTEST = 10;

/** @param {{ username: string, first: string, onBack: () => void }} props */
export function ChoosePassword({ username, first, onBack }) {
  const form = useRef(null);
  // An answer did not come: the password may be set, and the first one used up.
  const lost = useRef(false);
  const [state, setState] = useState({ busy: false, error: null });
  useEffect(() => form.current.elements.new_password.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    if (state.busy) return;
    const { new_password: fresh, again } = Object.fromEntries(new FormData(form.current));
    const fail = (code) => setState({ busy: false, error: { code, data: {} } });
    if (String(fresh).length < SHORTEST) return fail('password_short');
    if (fresh !== again) return fail('password_differs');
    setState({ busy: true, error: null });
    try {
      await signIn(username, first, String(fresh)).catch((error) => {
        if (!lost.current || error.code !== 'invalid_credentials') throw error;
        return signIn(username, String(fresh));
      });
    } catch (error) {
      lost.current ||= Boolean(error.unknown);
      setState({ busy: false, error });
    }
  };
  return html`<form ref=${form} onSubmit=${submit} novalidate>
    <p>${t('login.choose', { name: username })}</p>
    <input class="visually-hidden" type="text" name="username" autocomplete="username" value=${username} readonly tabindex="-1" aria-hidden="true" />
    <${Field} label=${t('account.new_password')} name="new_password" type="password" autocomplete="new-password" hint=${t('account.password_hint', { n: SHORTEST })} />
    <${Field} label=${t('account.again')} name="again" type="password" autocomplete="new-password" />
    <div role="status">${state.error && html`<div class="outcome" data-tone="bad"><div><p class="outcome-title">${explain(state.error)}</p><${OperationNumber} error=${state.error} /></div></div>`}</div>
    <button class="primary big" aria-disabled=${state.busy ? 'true' : undefined}>${t(state.busy ? 'login.busy' : 'login.choose_done')}</button>
    <p class="actions"><button type="button" class="quiet" onClick=${onBack}>${t('action.back')}</button></p>
  </form>`;
}
