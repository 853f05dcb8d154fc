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

const areas = new Set();

/** The style sheet of a group of pages (styles/areas); the shell has brought its own page's along. @param {string} area */
export function loadStyles(area) {
  const first = document.querySelector('link[rel="stylesheet"]');
  if (areas.has(area) || first.href.endsWith(`/app-${area}.css`)) return Promise.resolve();
  const link = document.createElement('link');
  Object.assign(link, { rel: 'stylesheet', href: new URL(`${area}.css`, first.href).href });
  return new Promise((resolve, reject) => {
    link.onload = () => resolve(areas.add(area));
    link.onerror = () => {
      link.remove();
      reject(new Error(area));
    };
    document.head.append(link);
  });
}
