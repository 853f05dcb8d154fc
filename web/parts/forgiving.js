// Forgiving what somebody has missed so far: it counts no more, what is missed later does.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Confirm } from '../components/dialog.js';
import { api } from '../lib/api.js';
import { t } from '../lib/i18n.js';
import { useSending } from '../lib/sending.js';

/** Asks at once when it is put on the page. @param {{ row: any, onRow: (row: any) => void }} props */
export function Acting({ row, onRow }) {
  const [asking, setAsking] = useState(true);
  const said = useRef(null);
  const sending = useSending();
  const body = { student_id: row.student_id, term_id: row.term_id };
  const run = async () => {
    const forgiven = await sending.send(async () => (await api('/api/manage/lectures/no-shows/waivers', { method: 'POST', body })).data);
    if (forgiven) onRow(forgiven);
  };
  // The button that was pressed is gone: whoever works by keyboard goes on from what was said.
  useEffect(() => {
    if (sending.done && !asking) said.current.focus();
  }, [sending.done, asking]);
  return html`<div ref=${said} tabindex="-1"><${Answer} error=${sending.error} done=${sending.done && t('absence.done', { name: row.display_name })} /></div>
    <${Confirm} open=${asking} title=${t('absence.sure', { name: row.display_name, n: row.missed - row.waived })} text=${t('absence.sure_text')} confirm=${t('act.no-shows')} onConfirm=${() => void run()} onClose=${() => setAsking(false)} />`;
}
