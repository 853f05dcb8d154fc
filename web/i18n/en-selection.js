// English texts. The keys are those of zh-selection.js; loaded by the pages of course selection only.
export const texts = {
  "error.course_not_found": "There is no such course.",
  "error.section_not_found": "There is no such section.",
  "error.section_not_in_round": "That section is not part of this round.",
  "error.term_not_found": "There is no such term.",
  "error.no_programme": "Only students have a study plan.",
  "error.weeks_invalid": "Cannot read “{part}” in the weeks “{text}”. Write 1-16, 3-15 (odd) or 1-8,10,12-16.",
  "error.on_hold": "There is a hold on your account.",
  "error.prerequisite_missing": "You have not passed a prerequisite.",
  "error.duplicate_course": "You already have another section of this course.",
  "error.timetable_clash": "It clashes with your timetable.",
  "error.credit_limit": "Over the credit limit of this term."
};
