// The form of notices: its fields and what is sent.
import { findClasses, findStudents } from '../lib/finders.js';
import { t } from '../lib/i18n.js';
import { readColleges } from '../lib/org.js';

const scope = (one) => t(`scope.${one}`);
const SCOPES = ['all', 'college', 'grade', 'class', 'student'];
async function findColleges(q) {
  return (await readColleges()).filter((one) => one.name.includes(q)).map((one) => ({ id: one.id, label: one.name }));
}
/** A grade is what it says: the year that is typed. */
async function findGrades(q) {
  return /^\d{4}$/.test(q) ? [{ id: q, label: t('notice.grade', { grade: q }) }] : [];
}
const targets = (scope, search, hint) => ({ name: `target_${scope}`, label: 'field.targets', kind: 'many', required: true, search, hint, unless: (form) => form.scope !== scope });

export const form = {
  fields: [
    { name: 'title', kind: 'text', required: true, most: 100 },
    { name: 'body', kind: 'area', most: 4000, rows: 6 },
    { name: 'link', kind: 'text', most: 300, hint: 'hint.link' },
    { name: 'scope', kind: 'choice', options: SCOPES, say: scope, blank: 'all', required: true },
    targets('college', findColleges),
    targets('grade', findGrades, 'hint.grades'),
    targets('class', findClasses),
    targets('student', findStudents),
  ],
  bodyOf: ({ target_college: colleges, target_grade: grades, target_class: classes, target_student: students, ...body }) => ({ ...body, target_ids: colleges ?? grades ?? classes ?? students ?? [] }),
};
