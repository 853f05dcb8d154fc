// What a lookup asks for the text that was typed: classes, courses, students, teachers, lectures, sections.
import { api, open, withQuery } from './api.js';
import { readClasses } from './org.js';

const FEW = 12;

/** @param {any} one a class as the API tells it */
export const classChoice = (one) => ({ id: one.id, label: one.name, about: `${one.college} · ${one.grade}` });

/** Classes are known whole: looked through here. @param {string} q */
export async function findClasses(q) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (one) => words.every((word) => `${one.name} ${one.college} ${one.major} ${one.grade}`.toLowerCase().includes(word));
  return (await readClasses()).filter(fits).slice(0, FEW).map(classChoice);
}

/** @param {any} one a course */
export const courseChoice = (one) => ({ id: one.id, label: `${one.code} ${one.name}`, about: one.college });

/** @param {string} q */
export async function findCourses(q) {
  return (await open(withQuery('/api/courses', { q, limit: FEW }))).data.items.map(courseChoice);
}

/** @param {string} q */
export async function findTeachers(q) {
  const { data } = await api(withQuery('/api/manage/teachers', { q, limit: FEW }));
  return data.items.map((one) => ({ id: one.id, label: one.display_name, about: `${one.teacher_no} · ${one.college}` }));
}

/** @param {string} q */
export async function findStudents(q) {
  const { data } = await api(withQuery('/api/manage/students', { q, limit: FEW }));
  return data.items.map((one) => ({ id: one.id, label: one.display_name, about: `${one.student_no} · ${one.class_name}`, username: one.username }));
}

/** Students by their usernames, where those are asked for. @param {string} q */
export async function findUsernames(q) {
  return (await findStudents(q)).map((one) => ({ ...one, id: one.username }));
}

/** @param {string} q */
export async function findLectures(q) {
  const { data } = await open(withQuery('/api/lectures', { q, limit: FEW }));
  return data.items.map((one) => ({ id: one.id, label: one.title, about: one.speaker }));
}

/** @param {any} one a section */
export const sectionChoice = (one) => ({ id: one.id, label: `${one.course_code} ${one.course_name} (${one.section_no})`, about: one.teacher_names });

/** @param {string} q */
export async function findSections(q) {
  return (await open(withQuery('/api/sections', { q, limit: FEW }))).data.items.map(sectionChoice);
}
