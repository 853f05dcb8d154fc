// Loading more of the site while it runs: pages, texts, and parts that a page's first load can do without.

/** @type {(path: string) => Promise<any>} */
let load = () => Promise.reject(new Error('no loader'));

/** @param {(path: string) => Promise<any>} loader imports a module by its path in web/ */
export function startModules(loader) {
  load = loader;
}

/** @param {string} path in web/, such as `pages/home.js` */
export function loadModule(path) {
  return load(path);
}

const sheets = new Map();

/** One area's style sheet; the shell has brought its own page's along in the first one, named after them. */
function loadSheet(area) {
  const first = document.querySelector('link[rel="stylesheet"]');
  if (first.href.slice(0, -'.css'.length).split('-').includes(area)) return undefined;
  const link = document.createElement('link');
  Object.assign(link, { rel: 'stylesheet', href: new URL(`${area}.css`, first.href).href });
  document.head.append(link);
  return new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => {
      link.remove();
      sheets.delete(area);
      reject(new Error(area));
    };
  });
}

/** The style sheets of a group of pages (styles/areas). @param {string} areas with spaces between */
export function loadStyles(areas) {
  const wanted = areas.split(' ');
  wanted.forEach((area) => sheets.has(area) || sheets.set(area, loadSheet(area)));
  return Promise.all(wanted.map((area) => sheets.get(area)));
}
