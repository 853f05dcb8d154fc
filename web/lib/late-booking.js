// A booking whose machinery comes a moment after the page; a press before that is kept, and sent when it is here.
import { useEffect, useState } from '../vendor/ui.js';
import { now } from './clock.js';
import { anyIntent } from './intents.js';
import { quiet, useBooking } from './use-booking.js';
import { usePart } from './use-part.js';

const UNREACHABLE = { code: 'unreachable', status: 0, data: {} };

/** @param {Omit<Parameters<typeof useBooking>[0], 'make'>} options @returns {ReturnType<typeof useBooking>} */
export function useLateBooking(options) {
  const [pressed, setPressed] = useState(null);
  const { module, failed } = usePart('parts/booking.js', Boolean(pressed) || anyIntent(), 'sending');
  const booking = useBooking({ ...options, make: module?.createBooking ?? null });
  useEffect(() => {
    // What a reload interrupted goes on by itself, and this press finds it under way.
    if (module && pressed) booking.press(...pressed.what);
    if (module) setPressed(null);
  }, [module]);
  if (module) return booking;
  const press = (...what) => setPressed({ what, since: now() });
  if (!pressed) return { ...booking, press };
  const view = { phase: failed ? 'refused' : 'sending', action: pressed.what[0], claim: null, error: failed ? UNREACHABLE : null, since: pressed.since };
  return { ...booking, view, busy: !quiet(view), press };
}
