// A labelled field with its hint and its error, tied together for screen readers.
import { html, useId } from '../vendor/ui.js';

/**
 * @param {{ label: string, hint?: string, error?: string, value?: any, onValue?: (value: string) => void, type?: string,
 *   as?: 'input' | 'textarea' | 'select', children?: any, [name: string]: any }} props
 */
export function Field({ label, hint, error, onValue, as = 'input', children, ...rest }) {
  const id = useId();
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  const onInput = onValue && ((event) => onValue(event.target.value));
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <${as} id=${id} aria-describedby=${about || undefined} aria-invalid=${error ? 'true' : undefined} onInput=${onInput} ...${rest}>${children}<//>
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** @param {{ label: string, checked: boolean, onValue: (on: boolean) => void }} props */
export function Check({ label, checked, onValue }) {
  return html`<label class="check"><input type="checkbox" checked=${checked} onChange=${(event) => onValue(event.target.checked)} /><span>${label}</span></label>`;
}
