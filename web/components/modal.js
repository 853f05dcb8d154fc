// A native dialog around a small form.
import { html, useEffect, useId, useRef } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';
import { Icon } from './icons.js';
import { CLOSE } from '../lib/pictures.js';

/** @param {{ title: string, onClose: () => void, children: any }} props shown as long as it is there */
export function Modal({ title, onClose, children }) {
  const dialog = useRef(null);
  const heading = useId();
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog class="modal" ref=${dialog} aria-labelledby=${heading} onClose=${(event) => event.target === dialog.current && onClose()}>
    <div class="modal-head"><h2 id=${heading}>${title}</h2><button type="button" class="quiet" aria-label=${t('action.back')} onClick=${() => dialog.current.close()}><${Icon} name=${CLOSE} /></button></div>
    ${children}
  </dialog>`;
}
