// English texts. The keys are those of zh-selection.js; loaded by the pages of course selection only.
export const texts = {
  "error.on_hold": "There is a hold on your account.",
  "error.prerequisite_missing": "You have not passed a prerequisite.",
  "error.duplicate_course": "You already have another section of this course.",
  "error.timetable_clash": "It clashes with your timetable.",
  "error.credit_limit": "Over the credit limit of this term."
};
