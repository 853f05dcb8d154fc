// A dialog that asks why: it agrees to nothing without a reason.
import { html, useRef, useState } from '../vendor/ui.js';
import { t } from '../lib/i18n.js';
import { Confirm } from './dialog.js';
import { Field } from './field.js';

/** @param {{ onConfirm: (reason: string) => void, most?: number, children?: any, [more: string]: any }} props the rest as Confirm's */
export function ConfirmWhy({ onConfirm, most = 500, children, ...rest }) {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const box = useRef(null);
  const agree = () => {
    const given = reason.trim();
    setMissing(!given);
    if (given) return onConfirm(given);
    box.current.querySelector('input[maxlength]').focus();
    return false;
  };
  return html`<${Confirm} ...${rest} onConfirm=${agree}>
    <div ref=${box}>${children}<${Field} label=${t('field.reason')} value=${reason} maxlength=${most} autocomplete="off" error=${missing && !reason.trim() ? t('desk.required') : ''} onValue=${setReason} /></div>
  <//>`;
}
