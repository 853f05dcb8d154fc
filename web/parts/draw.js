// How a lottery round is drawn, before and after: for whoever wants to check it.
import { html } from '../vendor/ui.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { now } from '../lib/clock.js';
import { moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { phaseOf } from '../lib/rounds.js';

/** What the draw is made from. @param {{ id: string, round: any, lot: string }} props lot: the reader's name in the file */
export function Draw({ id, round, lot }) {
  const over = phaseOf(round, now()) === 'closed';
  const load = useLoad(async () => (await api(`/api/rounds/${id}/draw`)).data, [id, over]);
  usePolling(() => load.again(), () => (over && load.data?.state !== 'done' ? 15000 : 0), [id, over]);
  const draw = load.data;
  const commitment = draw?.commitment ?? round.commitment;
  if (!commitment) return null;
  return html`<section class="sheet"><h2>${t('wish.draw')}</h2><p class="hint">${t('wish.draw_text')}</p>
    <dl class="pairs">
      <div><dt>${t('wish.commitment')}</dt><dd><code>${commitment}</code></dd></div>
      ${lot && html`<div><dt>${t('wish.lot')}</dt><dd><code>${lot}</code></dd></div>`}
      ${draw?.seed && html`<div><dt>${t('wish.seed')}</dt><dd><code>${draw.seed}</code></dd></div>`}
      ${draw?.drawn_at && html`<div><dt>${t('wish.drawn_at')}</dt><dd>${moment(draw.drawn_at)}</dd></div>
      <div><dt>${t('wish.counts')}</dt><dd>${t('wish.counts_of', { wishes: draw.wishes, won: draw.won })}</dd></div>
      <div><dt>${t('wish.digest')}</dt><dd><code>${draw.digest}</code></dd></div>`}
    </dl>
    ${draw?.seed && draw.export_url && html`<p class="actions"><a class="button" href=${draw.export_url} download><${Icon} name="download" />${t('wish.verify')}</a></p>`}
  </section>`;
}
