// The form of rounds: its fields and what is sent.
import { t } from '../lib/i18n.js';

const mode = (one) => t(`mode.${one}`);

export const form = {
  fields: [
    { name: 'term_id', kind: 'choice', choices: 'terms', required: true, only: 'new' },
    { name: 'round_no', kind: 'whole', required: true, min: 1, max: 99 },
    { name: 'mode', kind: 'choice', options: ['fcfs', 'lottery', 'fair'], say: mode, blank: 'fcfs', required: true, hint: 'hint.mode' },
    { name: 'opens_at', kind: 'moment', required: true },
    { name: 'closes_at', kind: 'moment', required: true },
    { name: 'drop_until', kind: 'moment', required: true, hint: 'hint.drop_until' },
    { name: 'fair_seconds', kind: 'whole', min: 0, max: 3600, hint: 'hint.fair_seconds', unless: (form) => form.mode !== 'fair' },
    { name: 'points_limit', kind: 'whole', min: 0, max: 1000, hint: 'hint.points_limit', unless: (form) => form.mode !== 'lottery' },
    { name: 'tips', kind: 'area', most: 255, hint: 'hint.tips' },
  ],
};
