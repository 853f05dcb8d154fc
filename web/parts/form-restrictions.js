// The form of restrictions: its fields and what is sent.
import { t } from '../lib/i18n.js';
import { ABOUT } from '../lib/permit-fields.js';

const mode = (one) => t(`restriction.${one}`);

export const form = {
  fields: [...ABOUT, { name: 'mode', label: 'field.restriction', kind: 'choice', options: ['only', 'except'], say: mode, blank: 'only', required: true }, { name: 'audience', kind: 'audience' }, { name: 'reason', kind: 'text', required: true, most: 255 }],
  bodyOf: ({ about, audience, ...body }) => ({ ...body, ...audience }),
};
