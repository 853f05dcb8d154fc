// Two tabs, one truth: what one tab learns, the others hear.

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('seatrush') : null;

/** @param {'claim' | 'signed-out' | 'signed-in'} type @param {any} [value] */
export function tell(type, value) {
  channel?.postMessage({ type, value });
}

/** @param {string} type @param {(value: any) => void} hear @returns {() => void} stops it */
export function listen(type, hear) {
  const onMessage = ({ data }) => data?.type === type && hear(data.value);
  channel?.addEventListener('message', onMessage);
  return () => channel?.removeEventListener('message', onMessage);
}
