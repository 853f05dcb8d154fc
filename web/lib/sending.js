// Sending something once: busy while it is under way, then done or an error. For forms and buttons of the staff's pages.
import { useRef, useState } from '../vendor/ui.js';

/** @returns {{ busy: boolean, error: any, done: any, send: (run: () => Promise<any>) => Promise<any>, clear: () => void }} */
export function useSending() {
  const [state, setState] = useState({ busy: false, error: null, done: null });
  const under = useRef(false);
  const send = async (run) => {
    if (under.current) return undefined;
    under.current = true;
    setState({ busy: true, error: null, done: null });
    try {
      const done = (await run()) ?? true;
      setState({ busy: false, error: null, done });
      return done;
    } catch (error) {
      setState({ busy: false, error, done: null });
      return undefined;
    } finally {
      under.current = false;
    }
  };
  return { ...state, send, clear: () => setState({ busy: false, error: null, done: null }) };
}
