// A list that is read page by page: the first page is kept current, what was added below stays as it was read.
import { useRef, useState } from '../vendor/ui.js';
import { useLoad, usePolling } from './poll.js';

/** The newly read first page, and below it what was there before. */
function merged(old, data, id) {
  const fresh = new Set(data.items.map((item) => item[id]));
  const last = old.items.findLastIndex((item) => fresh.has(item[id]));
  // Nothing in common: what lies between is not known.
  return last < 0 ? data : { items: [...data.items, ...old.items.slice(last + 1)], next_cursor: old.next_cursor };
}

/**
 * @param {(address: string) => Promise<{ data: { items: any[], next_cursor: string | null } }>} ask
 * @param {string} address with its query @param {{ id: string, limit: number, every: (data: any) => number }} options
 *   id: what names an item; every: ms between looks, by what is shown
 * @returns {ReturnType<typeof useLoad> & { change: (by: (data: any) => any) => void, more: { busy: boolean, error: any, add: (() => void) | null, all: () => Promise<void> } }}
 */
export function usePaged(ask, address, { id, limit, every }) {
  const [more, setMore] = useState({ busy: false, error: null });
  const shown = useRef({ address: '', data: null });
  const load = useLoad(async () => {
    const { data } = await ask(address);
    const old = shown.current.address === address ? shown.current.data : null;
    return old && old.items.length > limit ? merged(old, data, id) : data;
  }, [address]);
  // While another address is being read, what is shown is no part of it.
  shown.current = { address: load.data === null ? '' : address, data: load.data };
  usePolling(() => load.again(), () => (load.data ? every(load.data) : 0), [address]);

  /** One page more, unless there is none, or the list has become another one. */
  async function next() {
    const before = shown.current;
    if (!before.data?.next_cursor || before.address !== address) return;
    const { data } = await ask(`${address}&cursor=${encodeURIComponent(before.data.next_cursor)}`);
    if (shown.current.address !== address) return;
    const known = new Set(shown.current.data.items.map((item) => item[id]));
    const now = { items: [...shown.current.data.items, ...data.items.filter((item) => !known.has(item[id]))], next_cursor: data.next_cursor };
    shown.current = { address, data: now };
    load.set(now);
  }

  async function add() {
    if (more.busy) return;
    setMore({ busy: true, error: null });
    try {
      await next();
      setMore({ busy: false, error: null });
    } catch (error) {
      setMore({ busy: false, error });
    }
  }

  /** Every page there is, all of them read now. @throws {Problem | Unreachable} */
  async function all() {
    const items = new Map();
    for (let cursor = ''; cursor !== null;) {
      const { data } = await ask(cursor ? `${address}&cursor=${encodeURIComponent(cursor)}` : address);
      for (const item of data.items) items.set(item[id], item);
      cursor = data.next_cursor;
    }
    if (shown.current.address !== address) return;
    const now = { items: [...items.values()], next_cursor: null };
    shown.current = { address, data: now };
    load.set(now);
  }

  /** Change what is shown, unless it has become another list meanwhile. @param {(data: any) => any} by */
  function change(by) {
    if (shown.current.address !== address || !shown.current.data) return;
    const now = by(shown.current.data);
    shown.current = { address, data: now };
    load.set(now);
  }

  return { ...load, change, more: { ...more, add: load.data?.next_cursor ? add : null, all } };
}
