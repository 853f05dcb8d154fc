// Teaching weeks as they are written: "1-16周", "3-15周(单)", "1-8,10,12-16". The same grammar as app/catalogue/weeks.py.

const MOST = 30;
const KIND = '(单周?|双周?|odd|even)';
const PART = new RegExp(`^(?:(?:weeks?|wks?\\.?)\\s*)?(\\d{1,2})\\s*周?\\s*(?:-\\s*(\\d{1,2}))?\\s*(?:周|weeks?)?\\s*(?:\\(\\s*${KIND}\\s*\\)|${KIND})?$`);
const OTHERS = { '，': ',', '、': ',', ';': ',', '；': ',', '（': '(', '）': ')', '：': ' ', 第: ' ' };

/** @param {string} text @returns {{ weeks: number[], bad: string | null }} bad: the part that cannot be read */
export function parseWeeks(text) {
  const plain = text.toLowerCase().replace(/[–—~～－至]/g, '-').replace(/[，、;；（）：第]/g, (sign) => OTHERS[sign]);
  const weeks = new Set();
  for (const part of plain.split(',').map((one) => one.trim())) {
    const found = PART.exec(part);
    const [first, last] = found ? [Number(found[1]), Number(found[2] ?? found[1])] : [0, 0];
    if (!(first >= 1 && first <= last && last <= MOST)) return { weeks: [], bad: part };
    const kind = found[3] ?? found[4] ?? '';
    const parity = /^(单|odd)/.test(kind) ? 1 : kind ? 0 : null;
    const these = Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((week) => parity === null || week % 2 === parity);
    if (!these.length) return { weeks: [], bad: part };
    these.forEach((week) => weeks.add(week));
  }
  return { weeks: [...weeks].sort((a, b) => a - b), bad: null };
}

/**
 * Pairs of meetings that are at the same time: [index, index].
 * @param {{ weekday: any, first_period: any, last_period: any, weeks: string }[]} meetings
 */
export function overlaps(meetings) {
  const found = [];
  const known = meetings.map((one) => new Set(parseWeeks(one.weeks).weeks));
  for (let i = 0; i < meetings.length; i++) {
    for (let j = i + 1; j < meetings.length; j++) {
      const [a, b] = [meetings[i], meetings[j]];
      const together = Number(a.weekday) === Number(b.weekday) && Number(a.first_period) <= Number(b.last_period) && Number(b.first_period) <= Number(a.last_period);
      if (together && [...known[i]].some((week) => known[j].has(week))) found.push([i, j]);
    }
  }
  return found;
}

/** What is wrong with meetings as a form holds them: a text's key, or nothing. */
export function mistakeIn(meetings) {
  if (meetings.some((one) => !one.place.trim() || parseWeeks(one.weeks).bad !== null || Number(one.first_period) > Number(one.last_period))) return 'meeting.incomplete';
  return overlaps(meetings).length ? 'meeting.twice' : '';
}
