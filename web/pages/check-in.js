// The door: scan or type a ticket, and see at arm's length whether the person may come in.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Field } from '../components/field.js';
import { OperationNumber } from '../components/feedback.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { now } from '../lib/clock.js';
import { explain } from '../lib/errors.js';
import { format } from '../lib/format.js';
import { t } from '../lib/i18n.js';

const SAME_AGAIN = 4000;
const canScan = () => 'BarcodeDetector' in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);

function Camera({ onCode, onTrouble }) {
  const video = useRef(null);
  useEffect(() => {
    let stream = null;
    let ended = false;
    let last = { code: '', at: 0 };
    const detector = new globalThis.BarcodeDetector({ formats: ['qr_code'] });
    const look = async () => {
      if (ended) return;
      const found = await detector.detect(video.current).catch(() => []);
      const code = found[0]?.rawValue;
      if (code && (code !== last.code || performance.now() - last.at > SAME_AGAIN)) {
        last = { code, at: performance.now() };
        onCode(code);
      }
      setTimeout(look, 180);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: 'environment' }, audio: false })
      .then(async (media) => {
        stream = media;
        if (ended) return stop();
        video.current.srcObject = media;
        await video.current.play();
        look();
      })
      .catch(onTrouble);
    const stop = () => stream?.getTracks().forEach((track) => track.stop());
    return () => {
      ended = true;
      stop();
    };
  }, []);
  return html`<video class="camera" ref=${video} muted playsinline aria-label=${t('checkin.camera')}></video>`;
}

function Verdict({ result }) {
  if (!result) return html`<div class="verdict" data-tone="calm"><p class="verdict-title">${t('checkin.ready')}</p><p>${t('checkin.ready_text')}</p></div>`;
  if (result.busy) return html`<div class="verdict" data-tone="busy"><p class="verdict-title">${t('checkin.checking')}</p></div>`;
  if (result.error) {
    const { status } = result.error;
    const said = status === 429 ? 'checkin.unchecked' : status === 0 || status >= 500 ? 'checkin.unknown' : 'checkin.refused';
    return html`<div class="verdict" data-tone=${said === 'checkin.refused' ? 'bad' : 'warn'}><p class="verdict-title">${t(said)}</p><p>${explain(result.error)}</p><${OperationNumber} error=${result.error} /></div>`;
  }
  const { entry } = result;
  return html`<div class="verdict" data-tone=${entry.repeated ? 'warn' : 'good'}>
    <p class="verdict-title">${t(entry.repeated ? 'checkin.repeated' : 'checkin.welcome')}</p>
    <p class="verdict-name">${entry.display_name} <span class="num">${entry.student_no}</span></p>
    <p>${entry.title}</p>
    <p class="muted">${t('checkin.at', { time: format(entry.checked_in_at, 'clock') })}</p>
  </div>`;
}

function View() {
  const [camera, setCamera] = useState(false);
  const [trouble, setTrouble] = useState(false);
  const [result, setResult] = useState(null);
  const [done, setDone] = useState([]);
  const [code, setCode] = useState('');
  const box = useRef(null);
  const busy = useRef(false);
  const check = async (ticket) => {
    if (!ticket || busy.current) return;
    busy.current = true;
    setResult({ busy: true });
    try {
      const { data } = await api('/api/check-ins', { method: 'POST', body: { ticket } });
      setResult({ entry: data });
      setDone((old) => [{ ...data, seen: now() }, ...old.filter((entry) => entry.claim_id !== data.claim_id)].slice(0, 50));
      setCode('');
    } catch (error) {
      setResult({ error });
    }
    busy.current = false;
    box.current?.querySelector('input')?.select();
  };
  // A scanner types: its desk needs the cursor in the box. On a phone that would only raise the keyboard.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) box.current.querySelector('input').focus({ preventScroll: true });
  }, []);
  const submit = (event) => {
    event.preventDefault();
    check(code.trim());
  };
  return html`<header class="page-head"><h1>${t('checkin.title')}</h1><p class="lead">${t('checkin.lead')}</p></header>
    <div class="door">
      <div role="status" aria-atomic="true"><${Verdict} result=${result} /></div>
      <div class="door-tools">
        ${canScan() && !trouble && (camera ? html`<${Camera} onCode=${check} onTrouble=${() => (setCamera(false), setTrouble(true))} /><button type="button" onClick=${() => setCamera(false)}>${t('checkin.camera_stop')}</button>` : html`<button type="button" class="big" onClick=${() => setCamera(true)}><${Icon} name="scan" />${t('checkin.camera_start')}</button>`)}
        ${(trouble || !canScan()) && html`<p class="hint">${t(trouble ? 'checkin.camera_denied' : 'checkin.camera_none')}</p>`}
        <form ref=${box} onSubmit=${submit}>
          <${Field} label=${t('checkin.code')} hint=${t('checkin.code_hint')} value=${code} onValue=${setCode} autocomplete="off" autocapitalize="none" spellcheck=${false} inputmode="text" />
          <p><button class="primary big">${t('checkin.submit')}</button></p>
        </form>
      </div>
    </div>
    ${done.length > 0 && html`<section><h2>${t('checkin.recent', { n: done.length })}</h2><ul class="plain-list">
      ${done.map((entry) => html`<li key=${entry.claim_id}><span class="num">${format(entry.checked_in_at, 'clock')}</span><span>${entry.display_name}</span><span class="num muted">${entry.student_no}</span></li>`)}
    </ul></section>`}`;
}

export const page = { view: View, needs: 'checkin' };
