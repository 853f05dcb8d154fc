// The live line itself. Fetched when it is first wanted (lib/socket.js), once for all who hear.
import { api } from '../lib/api.js';
import { session } from '../lib/auth.js';
import { fullJitter } from '../lib/backoff.js';
import { hearers, lost } from '../lib/socket.js';
import { effect } from '../vendor/ui.js';

const LONGEST = 30000;
// Somebody signed in: as long after it as after a first load.
const DELAY = 2500;
// The server speaks first and then beats; a line that stays silent longer is dead, whatever the browser believes.
const FIRST_WORD = 10000;
const BEATS_MISSED = 2.5;

/** @type {WebSocket | null} */
let socket = null;
/** Whose line it is: events are personal. */
let owner = null;
let opening = false;
/** Events may have gone by untold. */
let missed = false;
let tries = 0;
let timer = 0;
let watchdog = 0;
let patience = FIRST_WORD;

const needed = () => hearers.size > 0 && Boolean(session.peek().user) && !document.hidden;
const tell = (event) => hearers.forEach((hear) => hear(event));

async function connect() {
  timer = 0;
  if (socket || opening || !needed()) return;
  opening = true;
  try {
    const { data } = await api('/api/ws-tickets', { method: 'POST', timeout: 5000 });
    if (needed()) attach(data.ticket);
  } catch {
    miss();
  } finally {
    opening = false;
  }
}

function attach(ticket) {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const mine = new WebSocket(`${scheme}://${location.host}/ws?ticket=${encodeURIComponent(ticket)}`);
  socket = mine;
  owner = session.peek().user?.id;
  patience = FIRST_WORD;
  watch();
  mine.onmessage = ({ data }) => {
    const event = parse(data);
    if (!event || socket !== mine) return;
    if (event.type === 'beat') patience = event.every_s * 1000 * BEATS_MISSED;
    watch();
    tries = 0;
    lost.value = false;
    // Events of the time between are gone for good: whoever listens asks once for the whole truth.
    if (missed) tell({ type: 'live' });
    missed = false;
    if (event.type !== 'beat') tell(event);
  };
  mine.onclose = () => {
    if (socket === mine) miss();
  };
}

/** Every word of the server winds this up again. */
function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(giveUp, patience);
}

/** No close came, nor will one for minutes: half a line is none. */
function giveUp() {
  const mine = socket;
  if (mine) miss();
  mine?.close();
}

/** The line is down or did not come up: say so, and try again later, not all phones at once. */
function miss() {
  clearTimeout(watchdog);
  socket = null;
  missed = true;
  lost.value = needed();
  plan(fullJitter((tries += 1), 1000, LONGEST));
}

/** End the line on purpose; nothing is lost by it. */
export function hangUp() {
  const mine = socket;
  clearTimeout(watchdog);
  socket = null;
  owner = null;
  missed = false;
  lost.value = false;
  mine?.close();
}

function parse(text) {
  try {
    const event = JSON.parse(text);
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

/** Open it in a while, unless it is open or nobody needs it. @param {number} ms */
export function plan(ms) {
  if (timer || socket || !needed()) return;
  timer = setTimeout(connect, ms);
}

/** Do it now rather than when it was planned. @param {number} ms */
export function hasten(ms) {
  if (socket) return;
  clearTimeout(timer);
  timer = 0;
  plan(ms);
}

// Somebody else signed in, or nobody is: the line of the one before must not go on telling.
effect(() => {
  const user = session.value.user?.id ?? null;
  if (socket && owner !== user) hangUp();
  if (user) plan(DELAY);
});
document.addEventListener('visibilitychange', () => document.hidden || plan(Math.random() * 1500));
// A radio that is off closes nothing by itself for minutes.
addEventListener('offline', giveUp);
addEventListener('online', () => hasten(Math.random() * 1500));
