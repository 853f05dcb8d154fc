// A native dialog. It closes only after the second click of a double click is over (WEB.md, "Opening minute" 5).
import { html, useEffect, useId, useRef } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';

const LATE = 450;

/**
 * @param {{ open: boolean, title: string, text?: any, confirm: string, danger?: boolean, onConfirm: () => unknown,
 *   onClose: () => void, children?: any }} props onConfirm: false when there is still something to fill in
 */
export function Confirm({ open, title, text, confirm, danger, onConfirm, onClose, children }) {
  const dialog = useRef(null);
  const over = useRef(false);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (open && !element.open) {
      over.current = false;
      element.showModal();
    }
    if (!open && element.open) element.close();
  }, [open]);
  const agree = () => {
    if (over.current || onConfirm() === false) return;
    over.current = true;
    setTimeout(onClose, LATE);
  };
  return html`<dialog ref=${dialog} aria-labelledby=${heading} onClose=${onClose}>
    <h2 id=${heading}>${title}</h2>
    ${text && html`<p>${text}</p>`} ${children}
    <div class="dialog-actions">
      <button type="button" onClick=${onClose}>${t('action.back')}</button>
      <button type="button" class=${danger ? 'danger' : 'primary'} onClick=${agree}>${confirm}</button>
    </div>
  </dialog>`;
}
