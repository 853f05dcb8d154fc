// The live line. Its events are hints that wake the polling; nothing depends on them.
import { api } from './api.js';
import { fullJitter } from './backoff.js';
import { session } from './auth.js';
import { signal } from '../vendor/ui.js';

const LONGEST = 30000;
// The first load is kept light: the line opens a moment after it, at once when a claim is under way.
const DELAY = 2500;

/** Whether the line is up. */
export const live = signal(false);

const hearers = new Set();
/** @type {WebSocket | null} */
let socket = null;
let tries = 0;
let timer = 0;
let urgent = 0;

async function connect() {
  timer = 0;
  if (socket || !hearers.size || !session.value.user || document.hidden) return;
  try {
    const { data } = await api('/api/ws-tickets', { method: 'POST', timeout: 5000 });
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    socket = new WebSocket(`${scheme}://${location.host}/ws?ticket=${encodeURIComponent(data.ticket)}`);
  } catch {
    return plan(fullJitter((tries += 1), 1000, LONGEST));
  }
  const mine = socket;
  mine.onopen = () => {
    tries = 0;
    live.value = true;
  };
  mine.onmessage = ({ data }) => {
    const event = parse(data);
    if (event) hearers.forEach((hear) => hear(event));
  };
  mine.onclose = () => {
    if (socket === mine) socket = null;
    live.value = false;
    plan(fullJitter((tries += 1), 1000, LONGEST));
  };
}

function parse(text) {
  try {
    const event = JSON.parse(text);
    return typeof event?.type === 'string' ? event : null;
  } catch {
    return null;
  }
}

function plan(ms) {
  if (timer || socket || !hearers.size) return;
  timer = setTimeout(connect, ms);
}

/** Hear the server's events while something on the page wants them. @param {(event: any) => void} hear @returns {() => void} */
export function onEvent(hear) {
  hearers.add(hear);
  plan(urgent ? 0 : DELAY * (0.8 + Math.random() * 0.8));
  return () => {
    hearers.delete(hear);
    if (hearers.size === 0) setTimeout(() => hearers.size === 0 && socket?.close(), 3000);
  };
}

/** A claim is under way (or no more): open the line now. @param {boolean} on */
export function wanted(on) {
  urgent += on ? 1 : -1;
  if (!on || socket) return;
  clearTimeout(timer);
  timer = 0;
  plan(150 + Math.random() * 600);
}

document.addEventListener('visibilitychange', () => document.hidden || plan(Math.random() * 1500));
