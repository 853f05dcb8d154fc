// How many notices are unread: asked for a little after the page, and again when the live line says so.
import { effect, signal } from '../vendor/ui.js';
import { api } from './api.js';
import { session } from './auth.js';
import { onEvent } from './socket.js';

const LATER = 2500;
const EVERY = 120000;

export const unread = signal(0);

async function count() {
  const { data } = await api('/api/me/notices?unread=true&limit=1');
  unread.value = data.unread;
}

/** Keep the number right for as long as somebody is signed in. */
export function startNotices() {
  effect(() => {
    const user = session.value.user?.id;
    unread.value = 0;
    if (!user) return undefined;
    const ask = () => document.hidden || count().catch(() => {});
    const first = setTimeout(ask, LATER + Math.random() * 1000);
    const timer = setInterval(ask, EVERY * (0.8 + Math.random() * 0.4));
    const unhear = onEvent((event) => ['notice', 'live'].includes(event.type) && ask());
    return () => {
      clearTimeout(first);
      clearInterval(timer);
      unhear();
    };
  });
}
