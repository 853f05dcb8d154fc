// States as a word with a colour, never a colour alone.
import { html } from '../vendor/ui.js';
import { tone } from '../lib/claims.js';
import { has, t } from '../lib/i18n.js';

/** @param {{ claim: import('../lib/claims.js').Claim }} props */
export function ClaimBadge({ claim }) {
  const waiting = claim.state === 'waitlisted' && claim.position;
  const cancel = claim.action === 'cancel';
  const key = cancel && claim.state === 'confirmed' ? 'cancelled' : claim.state;
  const own = `enrol.badge_${key}`;
  const text = waiting ? t('claim.waitlisted_at', { position: claim.position }) : t(claim.kind === 'section' && has(own) ? own : `claim.${key}`);
  return html`<span class="badge" data-tone=${cancel ? 'calm' : tone(claim.state)}>${text}</span>`;
}

const PHASE_TONES = { open: 'accent', upcoming: 'calm', closed: 'mute', past: 'mute', cancelled: 'bad', draft: 'mute' };

/** @param {{ phase: string }} props upcoming | open | closed | past | cancelled | draft */
export function PhaseBadge({ phase }) {
  return html`<span class="badge" data-tone=${PHASE_TONES[phase] ?? 'calm'}>${t(`phase.${phase}`)}</span>`;
}
