// For whom a lecture is, by name: who may not book wants to know why, before it opens.
import { t } from '../lib/i18n.js';
import { useOrg } from '../lib/org.js';

/** @param {{ restriction: { mode: 'only' | 'except', colleges: string[], grades: number[], classes: string[] } }} props */
export function ForWhom({ restriction }) {
  const { mode, colleges = [], grades = [], classes = [] } = restriction;
  const org = useOrg({ colleges: colleges.length > 0, classes: classes.length > 0 });
  const named = (ids, all) => ids.map((id) => all.find((one) => one.id === String(id))?.name).filter(Boolean);
  const names = org && [...named(colleges, org.colleges), ...grades.map((grade) => t('lecture.grade', { grade })), ...named(classes, org.classes)];
  return names?.length ? t(`lecture.restriction_${mode}_names`, { names: names.join(t('lecture.and')) }) : t(`lecture.restriction_${mode}`);
}
