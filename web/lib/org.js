// Colleges and classes: public lists that hardly ever change, read whole and once.
import { useEffect, useState } from '../vendor/ui.js';
import { open } from './api.js';

const LIMIT = 200;
const known = new Map();

async function whole(path) {
  const items = [];
  for (let cursor = ''; cursor !== null; ) {
    const { data } = await open(`${path}?limit=${LIMIT}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...data.items);
    cursor = data.next_cursor;
  }
  return items;
}

function once(path) {
  if (!known.has(path)) {
    const reading = whole(path);
    known.set(path, reading);
    reading.catch(() => known.delete(path));
  }
  return known.get(path);
}

/** @returns {Promise<{ id: string, name: string }[]>} */
export const readColleges = () => once('/api/org/colleges');
/** @returns {Promise<{ id: string, name: string, grade: number, college_id: string, college: string }[]>} */
export const readClasses = () => once('/api/org/classes');

/**
 * Both lists, or of what is not asked for nothing; null until they are here.
 * @param {{ colleges: boolean, classes: boolean }} need
 * @returns {{ colleges: any[], classes: any[] } | null}
 */
export function useOrg(need) {
  const [org, setOrg] = useState(null);
  useEffect(() => {
    let gone = false;
    const reads = [need.colleges ? readColleges() : [], need.classes ? readClasses() : []];
    // A list that cannot be had leaves its choices out; what is chosen already stays chosen.
    Promise.all(reads.map((one) => Promise.resolve(one).catch(() => []))).then(([colleges, classes]) => gone || setOrg({ colleges, classes }));
    return () => (gone = true);
  }, [need.colleges, need.classes]);
  return org;
}
