// What the tables of restrictions, tickets, holds and overrides have in common.
import { t } from './i18n.js';

/** "MA101 高等数学 (2)" of what a rule is about. @param {any} row */
export function aboutOf(row) {
  return `${row.course_code} ${row.course_name}${row.section_no ? ` (${row.section_no})` : ''}`;
}

/** @param {any} row */
export const personOf = (row) => (row.student ? `${row.student.display_name} ${row.student.student_no}` : '—');

/** Whom an audience names, in short. @param {any} row */
export function audienceOf(row) {
  const parts = [['colleges', row.colleges], ['grades', row.grades], ['classes', row.classes], ['students', row.students ?? []]];
  const said = parts.filter(([, ids]) => ids.length).map(([name, ids]) => (name === 'grades' ? ids.map((grade) => t('lecture.grade', { grade })).join(t('lecture.and')) : t(`group.${name}`, { n: ids.length })));
  return said.join(t('lecture.and')) || t('group.everybody');
}
