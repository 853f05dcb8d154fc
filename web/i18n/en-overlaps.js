// English texts. Same keys as zh-overlaps.js; they come with parts/overlaps.js.
export const texts = {
  "overlap.class": "Same time as your class {title}, {when}.",
  "overlap.exam": "Same time as your exam in {title}, which begins {when}.",
  "overlap.lecture": "Same time as {title}, a lecture you have booked ({when}).",
  "overlap.note": "Only a note: you may book all the same."
};
