// English texts. Same keys as zh-rounds.js; loaded by the pages of course selection and its management only.
export const texts = {
  "error.wishes_only": "This round is a lottery: hand in your wishes, and see what was drawn.",
  "error.time_ticket_not_found": "There is no such time ticket.",
  "error.hold_not_found": "There is no such hold.",
  "error.restriction_not_found": "There is no such restriction.",
  "error.override_not_found": "There is no such override.",
  "error.student_not_found": "There is no student with the number or name {username}.",
  "error.round_not_found": "There is no such round.",
  "error.round_number_taken": "This term has a round {round_no} already.",
  "error.round_overlap": "It would be open at the same time as round {round_no}.",
  "error.round_started": "The round has begun: these fields cannot be changed any more. To move its end, extend it.",
  "error.round_state": "The round is not in a state in which this can be done.",
  "error.not_a_lottery": "This round is not a lottery.",
  "error.points_over_limit": "These wishes spend {points} points, {limit} are allowed.",
  "error.round_not_closed": "The round has not closed yet; it can be drawn afterwards.",
  "error.draw_not_found": "This round has not been drawn yet."
};
