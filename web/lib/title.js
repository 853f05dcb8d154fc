// What the tab is called: several lectures side by side must be told apart.
import { signal, useEffect } from '../vendor/ui.js';

/** The name a page gives itself, '' when the route's will do. */
export const named = signal('');

/** Name the tab while this is shown. @param {string} title */
export function useTitle(title) {
  useEffect(() => {
    named.value = title;
    return () => (named.value = '');
  }, [title]);
}
