// English texts. Same keys as zh-sending.js; for the parts that send claims.
export const texts = {
  "outcome.pending": "In progress",
  "outcome.pending_cancel": "Cancelling",
  "outcome.pending_text": "Received; it is being settled in order.",
  "outcome.offline": "The network is down. Your request is safe; checking goes on when it is back.",
  "outcome.unknown": "Outcome unknown, checking",
  "outcome.unknown_text": "The server's answer did not arrive. Checking with the same request, so nothing is booked twice.",
  "outcome.unknown_text_cancel": "The server's answer did not arrive. Checking with the same request whether the cancellation took effect.",
  "outcome.throttled": "Busy, trying again by itself",
  "outcome.throttled_text": "Trying again in {n} second; nothing to do. | Trying again in {n} seconds; nothing to do.",
  "outcome.throttled_offering": "You pressed this a moment ago",
  "outcome.throttled_offering_text": "We send it for you in {n} second; no need to press again. | We send it for you in {n} seconds; no need to press again.",
  "outcome.throttled_global": "Very many people are pressing right now",
  "outcome.throttled_global_text": "We try again for you in {n} second; no need to press again. | We try again for you in {n} seconds; no need to press again.",
  "outcome.cancelled_text": "Your cancellation is in effect. You may book again while booking is open.",
  "outcome.full": "Full",
  "outcome.rejected": "Not booked",
  "outcome.cancelled": "Cancelled",
  "outcome.expired": "Expired",
  "outcome.cancel_failed": "The cancellation did not go through"
};
