// Import and export: upload → what the dry run says → confirm → progress → the errors as a file. Templates, and everything as files.
import { html, useEffect, useRef, useState } from '../vendor/ui.js';
import { Answer } from '../components/answer.js';
import { Desk } from '../components/desk.js';
import { Empty, Loaded, More } from '../components/feedback.js';
import { Check } from '../components/field.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { may } from '../lib/auth.js';
import { moment, number } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { usePaged } from '../lib/paged.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { navigate } from '../lib/router.js';
import { save, upload } from '../lib/saving.js';
import { useSending } from '../lib/sending.js';
import { needs } from '../lib/staff-places.js';

const PATH = '/api/manage/imports';
const KINDS = { students: 'students:manage', teachers: 'students:manage', courses: 'courses:manage', prerequisites: 'courses:manage', sections: 'courses:manage', 'programme-courses': 'courses:manage', 'completed-courses': 'courses:manage' };
const EXPORTS = { ...KINDS, enrolments: 'courses:manage' };
const LIMIT = 20;
const TONES = { checking: 'busy', checked: 'warn', running: 'busy', done: 'good', failed: 'bad' };
const mine = (kinds) => Object.keys(kinds).filter((kind) => may(kinds[kind]));
const busy = (job) => job.state === 'checking' || job.state === 'running';

function State({ job }) {
  return html`<span class="badge" data-tone=${TONES[job.state] ?? 'mute'}>${t(`import.${job.state}`)}</span>`;
}

function Upload() {
  const form = useRef(null);
  const [kind, setKind] = useState(mine(KINDS)[0]);
  const [missing, setMissing] = useState(false);
  const sending = useSending();
  const submit = (event) => {
    event.preventDefault();
    const body = new FormData(form.current);
    setMissing(!body.get('file')?.size);
    if (body.get('file')?.size) sending.send(async () => navigate(`/manage/imports/${(await upload(PATH, body)).id}`));
  };
  return html`<form class="sheet" ref=${form} onSubmit=${submit} novalidate>
    <h2>${t('import.upload')}</h2><p class="hint">${t('import.upload_text')}</p>
    <div class="form-grid">
      <label class="field"><span>${t('import.kind')}</span><select name="kind" onChange=${(event) => setKind(event.target.value)}>${mine(KINDS).map((one) => html`<option key=${one} value=${one}>${t(`kind.${one}`)}</option>`)}</select></label>
      <label class="field"><span>${t('import.file')}</span><input type="file" name="file" accept=".csv,.xlsx" aria-invalid=${missing ? 'true' : undefined} /></label>
    </div>
    ${missing && html`<p class="field-error" role="status">${t('import.choose_file')}</p>`}
    <${Answer} error=${sending.error} />
    <p class="actions"><button class="primary" aria-disabled=${sending.busy ? 'true' : undefined}>${t(sending.busy ? 'import.sending' : 'import.check')}</button>
      <${Download} path=${`${PATH}/kinds/${kind}/template.csv`} name=${`${kind}-template.csv`} label=${t('import.template')} /></p>
  </form>`;
}

function Download({ path, name, label }) {
  const sending = useSending();
  return html`<button type="button" aria-disabled=${sending.busy ? 'true' : undefined} onClick=${() => sending.send(() => save(path, name))}><${Icon} name="download" />${label}</button>${sending.error && html`<${Answer} error=${sending.error} />`}`;
}

function Exports() {
  return html`<section class="sheet"><h2>${t('import.export')}</h2>
    <ul class="exports">${mine(EXPORTS).map((kind) => html`<li key=${kind}><span>${t(`kind.${kind}`)}</span><span class="actions">${['csv', 'xlsx'].map((type) => html`<${Download} key=${type} path=${`/api/manage/exports/${kind}.${type}`} name=${`${kind}.${type}`} label=${html`<span class="visually-hidden">${t(`kind.${kind}`)} </span>${type.toUpperCase()}`} />`)}</span></li>`)}</ul>
  </section>`;
}

function List() {
  const load = usePaged(api, `${PATH}?limit=${LIMIT}`, { id: 'id', limit: LIMIT, every: (data) => (data.items.some(busy) ? 1500 : 0) });
  return html`<${Desk} title=${t('staff.imports')} lead=${t('about.imports')}>
    <${Upload} />
    <section><h2>${t('import.jobs')}</h2><${Loaded} load=${load} rows=${2}>${(data) =>
      data.items.length === 0
        ? html`<${Empty} text=${t('import.none')} />`
        : html`<ul class="plain-list">${data.items.map((job) => html`<li key=${job.id}><a href=${`/manage/imports/${job.id}`}>${t(`kind.${job.kind}`)} · ${job.filename}</a><span class="muted small">${moment(job.created_at)}</span><${State} job=${job} /></li>`)}</ul><${More} more=${load.more} />`}<//></section>
    <${Exports} />
  <//>`;
}

function Progress({ job }) {
  const part = job.rows ? Math.min(100, Math.round((job.done / job.rows) * 100)) : 0;
  return html`<div role="status"><p>${t(job.state === 'running' ? 'import.written' : 'import.read', { done: number(job.done), rows: job.rows ? number(job.rows) : '…' })}</p></div>
    <progress max="100" value=${job.rows ? part : undefined} aria-label=${t(`import.${job.state}`)}></progress>`;
}

function Errors({ job }) {
  if (!job.sample_errors.length) return null;
  return html`<section><div class="section-head"><h2>${t('import.errors', { n: job.errors })}</h2><${Download} path=${`${PATH}/${job.id}/errors.csv`} name=${`import-${job.id}-errors.csv`} label=${t('import.errors_file')} /></div>
    <div class="table-scroll" tabindex="0" role="region" aria-label=${t('import.errors', { n: job.errors })}><table class="grid"><thead><tr><th scope="col" class="num">${t('import.row')}</th><th scope="col">${t('import.column')}</th><th scope="col">${t('import.what')}</th></tr></thead>
      <tbody>${job.sample_errors.map((one, i) => html`<tr key=${i}><th scope="row" class="num">${one.row}</th><td data-label=${t('import.column')}>${one.column || '—'}</td><td class="wrap" data-label=${t('import.what')}>${one.message}</td></tr>`)}</tbody></table></div>
  </section>`;
}

function Confirming({ job, onJob }) {
  const [skip, setSkip] = useState(false);
  const sending = useSending();
  const nothing = !job.changes.new && !job.changes.changed;
  const barred = nothing || (job.errors > 0 && !skip);
  const confirm = () => barred || sending.send(async () => onJob((await api(`${PATH}/${job.id}/confirm`, { method: 'POST', body: { skip_errors: skip } })).data));
  return html`${job.errors > 0 && html`<${Check} label=${t('import.skip', { n: job.errors })} checked=${skip} onValue=${setSkip} />`}
    <p class="actions"><button type="button" class="primary" aria-disabled=${barred || sending.busy ? 'true' : undefined} aria-describedby="import-why" onClick=${confirm}>${t('import.confirm')}</button></p>
    <p class="hint" id="import-why">${nothing ? t('import.nothing') : job.errors > 0 && !skip ? t('import.has_errors') : ''}</p>
    <${Answer} error=${sending.error} />`;
}

function Job({ id }) {
  const load = useLoad(async () => (await api(`${PATH}/${id}`)).data, [id]);
  usePolling(() => load.again(), () => (load.data && busy(load.data) ? 700 : 0), [id]);
  const before = useRef('');
  const [moved, setMoved] = useState(false);
  useEffect(() => {
    if (before.current && load.data && before.current !== load.data.state) setMoved(true);
    before.current = load.data?.state ?? '';
  }, [load.data?.state]);
  return html`<${Desk} title=${load.data ? t(`kind.${load.data.kind}`) : t('staff.imports')} lead=${load.data?.filename} back=${{ href: '/manage/imports', label: t('staff.imports') }}>
    <${Loaded} load=${load} rows=${3}>${(job) => html`<section class="sheet">
        <p role="status"><${State} job=${job} /> ${moved && job.state === 'done' && t('import.done_text')}</p>
        ${busy(job) && html`<${Progress} job=${job} />`}
        ${job.failure && html`<p class="field-error">${job.failure.message}</p>`}
        <dl class="pairs">${['new', 'changed', 'same'].map((name) => html`<div key=${name}><dt>${t(`import.${name}`)}</dt><dd class="num-start">${number(job.changes[name])}</dd></div>`)}<div><dt>${t('import.faulty')}</dt><dd>${number(job.errors)}</dd></div></dl>
        ${job.state === 'checked' && html`<${Confirming} job=${job} onJob=${load.set} />`}
      </section>
      <${Errors} job=${job} />`}<//>
  <//>`;
}

function View({ param }) {
  return param ? html`<${Job} id=${param} />` : html`<${List} />`;
}

export const page = { view: View, needs: needs.imports };
