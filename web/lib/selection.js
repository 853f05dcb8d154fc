// Sections as pages of course selection show them: how they stand to the student, and their seats as they are told of.
import { useEffect, useRef, useState } from '../vendor/ui.js';
import { counted } from '../components/seats.js';
import { api, open, withQuery } from './api.js';
import { now } from './clock.js';
import { onEvent } from './socket.js';

// Seats of a rush move all at once: what was heard is drawn so often.
const DRAW_EVERY = 500;

/** Sections with the time they were read: MariaDB's counts carry none. @param {any[]} sections */
export function stamped(sections) {
  const seats_as_of = new Date(now()).toISOString();
  return sections.map((section) => ({ ...section, seats_as_of }));
}

/** By section: may it be chosen, and why not. @param {string[]} ids */
export async function readStandings(ids) {
  const { data } = await api(withQuery('/api/me/standings', { section_ids: ids.join() }));
  return Object.fromEntries(data.items.map((one) => [one.section_id, { ...one, eligible: one.can_enrol, can_cancel: one.can_drop }]));
}

/** Seats as they are told of: a function that puts the newest to a section. @param {string[]} ids */
export function useLiveSeats(ids) {
  const [told, setTold] = useState({});
  const shown = useRef(new Set());
  shown.current = new Set(ids);
  useEffect(() => {
    let heard = {};
    let timer = 0;
    const draw = () => {
      timer = 0;
      const news = heard;
      heard = {};
      setTold((old) => ({ ...old, ...news }));
    };
    const unhear = onEvent((event) => {
      if (event.type !== 'offering' || event.kind !== 'section' || !shown.current.has(String(event.offering_id))) return;
      heard[event.offering_id] = event;
      timer ||= setTimeout(draw, DRAW_EVERY);
    });
    return () => {
      clearTimeout(timer);
      unhear();
    };
  }, []);
  return (section) => (told[section.id] ? counted(section, told[section.id]) : section);
}
