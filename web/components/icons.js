// The few pictures of the site, drawn by hand on a 24 × 24 grid.
import { html } from '../vendor/ui.js';

const PATHS = {
  home: 'M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5',
  lectures: 'M5 5h14v14H5zM5 9.5h14M9 5V3M15 5V3M8.5 13h7M8.5 16h4',
  courses: 'M4 6.500c3-1.200 5.500-1 8 .8 2.500-1.800 5-2 8-.8V18c-3-1.200-5.500-1-8 .8-2.500-1.800-5-2-8-.8zM12 7.300v11.500',
  timetable: 'M4 5h16v14H4zM4 10h16M9.300 5v14M14.700 5v14M4 14.500h16',
  bell: 'M6.500 16.500V11a5.500 5.500 0 0 1 11 0v5.500l1.500 1.500H5zM10.300 20.500h3.400',
  filter: 'M4 7h16M7 12h10M10 17h4',
  swap: 'M7 8h11l-3-3M17 16H6l3 3',
  claims: 'M4 7h16v3.5a1.5 1.5 0 0 0 0 3V17H4v-3.5a1.5 1.5 0 0 0 0-3zM14 7v10',
  account: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M5 19.5c.8-3.4 3.4-5 7-5s6.200 1.600 7 5',
  manage: 'M4 6h10M18 6h2M4 12h2M10 12h10M4 18h8M16 18h4M16 4v4M8 10v4M14 16v4',
  scan: 'M4 8V5h3M17 5h3v3M20 16v3h-3M7 19H4v-3M4 12h16',
  place: 'M12 20.500s6-5.500 6-10.200A6 6 0 0 0 6 10.300C6 15 12 20.500 12 20.500M12 12.300a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  clock: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16M12 7.500V12l3 2',
  person: 'M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M5 19.5c.8-3.4 3.4-5 7-5s6.200 1.600 7 5',
  calendar: 'M5 6h14v13H5zM5 10h14M9 6V4M15 6V4',
  check: 'M5 12.500 10 17.500 19.500 7',
  search: 'M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12M15.500 15.500 20 20',
  next: 'M9 5l7 7-7 7',
  up: 'M6 14.500 12 8.500l6 6',
  down: 'M6 9.500l6 6 6-6',
  minus: 'M5 12h14',
  back: 'M15 5l-7 7 7 7',
  plus: 'M12 5v14M5 12h14',
  print: 'M7 9V4h10v5M7 16H4V9h16v7h-3M7 13h10v7H7z',
  download: 'M12 4v11M7.500 10.500 12 15l4.500-4.500M5 20h14',
  alert: 'M12 4 3 19.500h18zM12 10v4.500M12 16.900v.2',
};

/** @param {{ name: keyof typeof PATHS | string }} props or the path itself, of a picture that few pages need */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name] ?? name} /></svg>`;
}
