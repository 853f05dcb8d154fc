// English texts. Same keys as zh-rounds.js; loaded by the pages of course selection and its management only.
export const texts = {
  "error.wishes_only": "This round is a lottery: hand in your wishes, and see what was drawn.",
  "error.time_ticket_not_found": "There is no such time ticket.",
  "error.hold_not_found": "There is no such hold.",
  "error.restriction_not_found": "There is no such restriction.",
  "error.override_not_found": "There is no such override.",
  "error.student_not_found": "There is no student with the number or name {username}."
};
