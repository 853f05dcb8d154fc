// Where the staff work: every page below /manage and /ops, in groups, with the permissions of which one opens it.
import { may } from './auth.js';

const PAGES = {
  people: { campus: 'org:manage', students: 'students:manage', teachers: 'students:manage', 'credit-accounts': 'courses:manage' },
  teaching: { terms: 'courses:manage', courses: 'courses:manage', sections: 'courses:manage', 'programme-courses': 'courses:manage' },
  selection: { rounds: 'rounds:manage', restrictions: 'rounds:manage', 'time-tickets': 'rounds:manage', holds: 'rounds:manage', overrides: 'rounds:manage' },
  events: { lectures: 'lectures:manage', 'no-shows': 'lectures:manage', 'check-in': 'checkin' },
  exchange: { imports: 'students:manage courses:manage', notices: 'notices:manage' },
  operations: { ops: 'ops', admission: 'ops', 'dead-letters': 'ops', reconciliation: 'ops', drills: 'ops' },
  system: { managers: 'accounts:manage', settings: 'controls:manage', logs: 'audit:read' },
};

/** What a page needs, for the frame's gate: the names of permissions, of which one is enough. */
export const needs = Object.assign({}, ...Object.values(PAGES));

/** What opens the page that leads to all of them. */
export const needsAny = [...new Set(Object.values(needs).flatMap((one) => one.split(' ')))].join(' ');

/** @param {string} name */
export function addressOf(name) {
  if (name === 'check-in' || name === 'ops') return `/${name}`;
  return `/${name in PAGES.operations ? 'ops' : 'manage'}/${name}`;
}

/** What the signed-in person may open, by group. @returns {[string, string[]][]} */
export function places() {
  const open = ([, permissions]) => permissions.split(' ').some(may);
  const groups = Object.entries(PAGES).map(([group, pages]) => [group, Object.entries(pages).filter(open).map(([name]) => name)]);
  return groups.filter(([, names]) => names.length);
}
