// Where every page starts: texts, clock, session, router, and the frame around the page.
import { h, render } from './vendor/ui.js';
import { Frame } from './components/frame.js';
import { restore } from './lib/auth.js';
import { startClock } from './lib/clock.js';
import { startTexts } from './lib/i18n.js';
import { startRouter } from './lib/router.js';

const loader = (path) => import(`./${path}`);

async function start() {
  startClock();
  const session = restore();
  const texts = startTexts(loader);
  await Promise.all([texts, startRouter(loader)]);
  const root = document.getElementById('app');
  root.replaceChildren();
  render(h(Frame, {}), root);
  await session;
}

start();
