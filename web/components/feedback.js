// What a page says when there is nothing yet, nothing at all, or something went wrong.
import { html } from '../vendor/ui.js';
import { explain } from '../lib/errors.js';
import { t } from '../lib/i18n.js';
import { Icon } from './icons.js';

/** @param {{ rows?: number }} props */
export function Skeleton({ rows = 3 }) {
  return html`<div class="skeleton" aria-hidden="true">
    ${Array.from({ length: rows }, (_, i) => html`<div class="skeleton-row" key=${i}><span></span><span></span></div>`)}
  </div>`;
}

/** An empty state: what, why, one action. @param {{ title?: string, text: string, children?: any }} props */
export function Empty({ title, text, children }) {
  return html`<div class="empty">
    ${title && html`<p class="empty-title">${title}</p>`}
    <p>${text}</p>
    ${children && html`<p class="actions">${children}</p>`}
  </div>`;
}

/** A failed request in words, with its operation number. @param {{ error: any, retry?: () => void }} props */
export function Trouble({ error, retry }) {
  return html`<div class="trouble">
    <p><${Icon} name="alert" /> ${explain(error)}</p>
    <${OperationNumber} error=${error} />
    ${retry && html`<p class="actions"><button type="button" onClick=${retry}>${t('action.retry')}</button></p>`}
  </div>`;
}

/** @param {{ error: any }} props */
export function OperationNumber({ error }) {
  if (!error?.requestId) return null;
  return html`<p class="operation">${t('error.operation')} <code>${error.requestId}</code></p>`;
}

/** The end of a list that goes on. @param {{ more: ReturnType<typeof import('../lib/paged.js').usePaged>['more'] }} props */
export function More({ more }) {
  return html`${more.error && html`<${Trouble} error=${more.error} />`}
    ${more.add && html`<p class="more"><button type="button" aria-disabled=${more.busy ? 'true' : undefined} onClick=${more.add}>${t(more.busy ? 'wait.loading' : 'action.more')}</button></p>`}`;
}

/**
 * The page's content once it is loaded; before that what is known about the wait.
 * @param {{ load: { stage: string, data: any, error: any, reload: () => void }, rows?: number, children: (data: any) => any }} props
 */
export function Loaded({ load, rows, children }) {
  if (load.data !== null) return html`${load.stage === 'failed' && html`<p class="stale" role="status">${t('wait.stale')}</p>`}${children(load.data)}`;
  if (load.stage === 'failed') return html`<${Trouble} error=${load.error} retry=${load.reload} />`;
  return html`<div role="status">
    <span class="visually-hidden">${load.stage === 'quiet' ? '' : t('wait.loading')}</span>
    ${load.stage === 'slow' && html`<p class="muted slow-note">${t('wait.slow')}</p>`}
    ${load.stage !== 'quiet' && html`<${Skeleton} rows=${rows} />`}
  </div>`;
}
