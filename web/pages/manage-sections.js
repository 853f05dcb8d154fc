// Sections: who teaches, when and where, how many seats; freezing, calling off, and the way to the roster.
import { html } from '../vendor/ui.js';
import { recordsPage } from '../components/records.js';
import { sectionChoice } from '../lib/finders.js';
import { t } from '../lib/i18n.js';

const state = (row) => (row.frozen && row.state === 'published' ? 'frozen' : row.state);
const TONES = { published: 'accent', draft: 'mute', cancelled: 'bad', frozen: 'warn' };

export const page = recordsPage({
  name: 'sections',
  form: 'form-sections',
  path: '/api/manage/sections',
  titleOf: (row) => sectionChoice(row).label,
  columns: [
    { key: 'course', cell: (row) => html`${row.course_name}<span class="muted small">${row.course_code} · ${t('section.no', { n: row.section_no })}</span>` },
    { key: 'teacher', cell: (row) => row.teacher_names },
    { key: 'meetings', wrap: true, cell: (row) => row.meetings.map((one) => html`<span class="block" key=${one.text + one.weeks}>${one.text} ${one.weeks} ${one.place}</span>`) },
    { key: 'taken', num: true, cell: (row) => `${row.capacity - row.seats_left} / ${row.capacity}` },
    { key: 'waiting', num: true },
    { key: 'section_state', cell: (row) => html`<span class="badge" data-tone=${TONES[state(row)]}>${t(`section.${state(row)}`)}</span>` },
  ],
  filters: [
    { name: 'term_id', choices: 'terms' },
    { name: 'college_id', choices: 'colleges' },
    { name: 'state', options: ['draft', 'published', 'cancelled'], say: (one) => t(`section.${one}`) },
  ],
  extra: 'section',
});
