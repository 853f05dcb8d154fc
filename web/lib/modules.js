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
