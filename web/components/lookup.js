// Finding one of many by typing: a combobox (WAI-ARIA), its list from the server.
import { html, useEffect, useId, useRef, useState } from '../vendor/ui.js';
import { explain } from '../lib/errors.js';
import { t } from '../lib/i18n.js';
import { composing } from '../lib/keys.js';
import { Icon } from './icons.js';
import { CLOSE } from '../lib/pictures.js';

const PAUSE = 250;
const NOTHING = { text: null, items: null, error: null };

/** What was found for the text, asked for when the typing pauses. */
function useFound(search, text, open) {
  const [found, setFound] = useState(NOTHING);
  useEffect(() => {
    // What an earlier search found is not shown to the next one.
    if (!open) return void setFound(NOTHING);
    let gone = false;
    const timer = setTimeout(() => {
      search(text.trim()).then(
        (items) => gone || setFound({ text, items, error: null }),
        (error) => gone || setFound({ text, items: null, error }),
      );
    }, PAUSE);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [text, open]);
  return found;
}

/**
 * @param {{ label: string, hint?: string, error?: string, value: import('../lib/fields.js').Choice | null, keep?: boolean,
 *   onValue: (value: any) => void, search: (q: string) => Promise<import('../lib/fields.js').Choice[]> }} props
 *   keep: what was chosen stays in the box; else the box is emptied for the next one
 */
export function Lookup({ label, hint, error, value, keep = true, onValue, search }) {
  const id = useId();
  const [text, setText] = useState(null);
  const [at, setAt] = useState(0);
  const list = useRef(null);
  const open = text !== null;
  const found = useFound(search, text ?? '', open);
  const items = open ? (found.items ?? []) : [];
  useEffect(() => setAt(0), [found.items]);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: 'nearest' }), [at]);
  const choose = (item) => {
    onValue(item);
    setText(null);
  };
  const onKeyDown = (event) => {
    if (composing(event)) return undefined;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!open) return setText('');
      return setAt((at + step + items.length) % (items.length || 1));
    }
    if (event.key === 'Enter' && open) {
      event.preventDefault();
      if (items[at] && found.text === text) choose(items[at]);
    }
    if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setText(null);
    }
  };
  const leave = () => {
    if (text === '' && keep && value) onValue(null);
    setText(null);
  };
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return html`<div class="field lookup">
    <label for=${id}>${label}</label>
    <input id=${id} role="combobox" autocomplete="off" spellcheck=${false} aria-autocomplete="list" aria-expanded=${open} aria-controls=${`${id}-list`}
      aria-activedescendant=${items[at] ? `${id}-${at}` : undefined} aria-describedby=${about || undefined} aria-invalid=${error ? 'true' : undefined}
      placeholder=${t('form.type_to_find')} value=${text ?? (keep ? (value?.label ?? '') : '')} onFocus=${(event) => event.target.select()}
      onInput=${(event) => setText(event.target.value)} onKeyDown=${onKeyDown} onBlur=${leave} />
    <ul id=${`${id}-list`} role="listbox" aria-label=${label} ref=${list} hidden=${!items.length} onMouseDown=${(event) => event.preventDefault()}>
      ${items.map((item, i) => html`<li key=${item.id} id=${`${id}-${i}`} role="option" aria-selected=${i === at} onClick=${() => choose(item)}><span>${item.label}</span>${item.about && html`<span class="muted small">${item.about}</span>`}</li>`)}
    </ul>
    ${open && found.items?.length === 0 && html`<p class="hint" role="status">${t('form.nothing_found')}</p>`}
    ${open && found.error && html`<p class="field-error" role="status">${explain(found.error)}</p>`}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** Several of many: those that are chosen, each with a button to take it away, and a box to find one more. */
export function Lookups({ value, onValue, ...rest }) {
  const add = (item) => item && onValue(value.some((one) => one.id === item.id) ? value : [...value, item]);
  return html`<div class="lookups">
    <${Lookup} ...${rest} value=${null} keep=${false} onValue=${add} />
    ${value.length > 0 && html`<ul class="chips" aria-label=${rest.label}>${value.map((one) => html`<${Chip} key=${one.id} label=${one.label} onRemove=${() => onValue(value.filter((other) => other.id !== one.id))} />`)}</ul>`}
  </div>`;
}

/** @param {{ label: string, onRemove: () => void }} props */
export function Chip({ label, onRemove }) {
  return html`<li class="chip"><span>${label}</span><button type="button" class="quiet" aria-label=${t('desk.take_away', { name: label })} onClick=${onRemove}><${Icon} name=${CLOSE} /></button></li>`;
}
