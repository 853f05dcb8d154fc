// What the page of wishes has beyond the list: saving, and how the round is drawn, for whoever wants to check it.
import { html } from '../vendor/ui.js';
import { Icon } from '../components/icons.js';
import { api } from '../lib/api.js';
import { now } from '../lib/clock.js';
import { epoch, moment } from '../lib/format.js';
import { t } from '../lib/i18n.js';
import { useLoad, usePolling } from '../lib/poll.js';
import { told, useRoundEvents } from '../lib/round-events.js';
import { phaseOf, stopped, useTurn } from '../lib/rounds.js';

/** Why nothing can be handed in now, though the round is open; '' when it can. */
function barrier({ my, ...round }) {
  if (my?.hold) return t('why.on_hold', { hold: my.hold });
  if (my && epoch(my.not_before) > now()) return t('enrol.not_yet', { when: moment(my.not_before) });
  return round.frozen ? stopped(round) : '';
}

/** @param {{ round: any, busy: boolean, over: boolean, save: () => void, fromPlan: (() => void) | false }} props over: too many points */
export function Save({ round, busy, over, save, fromPlan }) {
  useTurn(round.my?.not_before);
  const why = barrier(round);
  return html`<p class="actions"><button type="button" class="primary" aria-disabled=${busy || over || why ? 'true' : undefined} aria-describedby="save-why" onClick=${() => over || why || save()}>${t('wish.save')}</button>
      ${fromPlan && html`<button type="button" onClick=${fromPlan}>${t('wish.from_plan')}</button>`}</p>
    <p class="hint" id="save-why">${why}</p>`;
}

/** What the draw is made from. @param {{ page: any, round: any, lot: string }} props page: what the page has loaded; lot: the reader's name in the file */
export function Draw({ page, round, lot }) {
  const { id } = round;
  const over = phaseOf(round, now()) === 'closed';
  // What was done to the round is told; what came of the wishes has to be asked for.
  useRoundEvents(
    (event) => {
      const mine = event.round.id === id;
      if (mine) page.set({ ...page.data, round: told(round, event.round) });
      return !mine || event.action !== 'drawn';
    },
    () => page.again(),
  );
  usePolling(() => page.again(), () => 30000, [id]);
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
