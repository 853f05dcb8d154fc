// The whole plan as one request: a cart is followed as one claim made of many.
import { api, withQuery } from './api.js';
import { isSettled } from './claims.js';
import { saveIntent } from './intents.js';

export const KIND = 'cart';

const over = (line) => line.state === 'refused' || isSettled(line.state);

/** Lines as one claim: decided when each line is, unknown when nothing else is to be waited for. */
function whole(intent) {
  const open = intent.lines.filter((line) => !over(line));
  const state = open.length === 0 ? 'decided' : open.some((line) => line.state === 'pending') ? 'pending' : 'unknown';
  intent.shown = { claim_id: intent.cartId, action: 'book', state, lines: intent.lines };
  return intent.shown;
}

/** What `createBooking` needs to know of carts. @param {string} round */
export function cartOf(round) {
  let lines = [];
  return {
    read(data, intent) {
      intent.cartId = data.cart_id;
      intent.lines = lines = data.claims;
      return whole(intent);
    },
    async ask(intent, options) {
      const open = intent.lines.filter((line) => !over(line));
      const address = withQuery('/api/claims', { ids: open.map((line) => line.claim_id).join(), kind: 'section', action: 'book', offering_ids: open.map((line) => line.section_id).join() });
      const { data, retryAfter } = await api(address, options);
      const told = new Map(data.items.map((claim) => [claim.claim_id, claim]));
      intent.lines = lines = intent.lines.map((line) => {
        const claim = told.get(line.claim_id);
        if (over(line) || !claim) return line;
        const { state, reason, position, admitted_at, decided_at } = claim;
        return { ...line, state, reason, position, admitted_at, decided_at };
      });
      const shown = whole(intent);
      saveIntent(KIND, round, intent);
      return { data: shown, retryAfter };
    },
    concerns: (claim) => lines.some((line) => line.claim_id === claim?.claim_id),
  };
}
