// 中文文案。键与 en-selection.js 相同；只有选课页面加载。
export const texts = {
  "error.course_not_found": "没有这门课程。",
  "error.section_not_found": "没有这个课程班。",
  "error.section_not_in_round": "这个课程班不在本轮选课中。",
  "error.term_not_found": "没有这个学期。",
  "error.no_programme": "只有学生才有培养方案。",
  "error.weeks_invalid": "看不懂周次“{text}”中的“{part}”，请写成 1-16周、3-15周(单) 或 1-8,10,12-16周。",
  "error.on_hold": "你的账户被限制，暂时不能选课。",
  "error.prerequisite_missing": "你还没有修过先修课程。",
  "error.duplicate_course": "你已经选了这门课的另一个班。",
  "error.timetable_clash": "与你已选的课程上课时间冲突。",
  "error.credit_limit": "超过本学期的学分上限。"
};
