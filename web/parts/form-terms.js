// The form of terms: its fields and what is sent.
export const form = {
  fields: [
    { name: 'code', kind: 'whole', required: true, min: 19001, max: 22009, hint: 'hint.term_code' },
    { name: 'name', kind: 'text', required: true, most: 64 },
    { name: 'starts_on', kind: 'date', required: true, hint: 'hint.starts_on' },
    { name: 'weeks', kind: 'whole', required: true, min: 1, max: 30 },
    { name: 'teaching_free_days', kind: 'days', rows: 5, hint: 'hint.days' },
  ],
};
