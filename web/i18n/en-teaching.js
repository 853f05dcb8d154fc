// English texts. Same keys as zh-teaching.js; {name} is filled in by the page, "one | many" is chosen by n. Loaded by the page of my teaching only.
export const texts = {
  "teaching.title": "My teaching",
  "teaching.lead": "Open one for its roster.",
  "teaching.this_term": "This term",
  "teaching.taken": "{n} of {capacity} taken",
  "teaching.waiting": "{n} waiting",
  "teaching.none": "You teach no section in this term."
};
