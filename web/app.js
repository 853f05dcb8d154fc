// Where every page starts: texts, clock, session, router, and the frame around the page.
import { h, render } from './vendor/ui.js';
import { Frame } from './components/frame.js';
import { restore } from './lib/auth.js';
import { startClock } from './lib/clock.js';
import { startTexts } from './lib/i18n.js';
import { startModules } from './lib/modules.js';
import { startNotices } from './lib/notices.js';
import { startRouter } from './lib/router.js';

async function start() {
  startModules((path) => import(`./${path}`));
  startClock();
  const session = restore();
  const texts = startTexts();
  await Promise.all([texts, startRouter()]);
  const root = document.getElementById('app');
  root.replaceChildren();
  render(h(Frame, {}), root);
  startNotices();
  await session;
}

// Without its texts the page cannot say so in one language.
start().catch(() => {
  document.querySelector('main').textContent = '页面没有加载完整，请检查网络后刷新。 / The page did not load completely; please reload it.';
});
