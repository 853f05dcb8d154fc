// 中文文案。键与 en-selection.js 相同；只有选课页面加载。
export const texts = {
  "error.on_hold": "你的账户被限制，暂时不能选课。",
  "error.prerequisite_missing": "你还没有修过先修课程。",
  "error.duplicate_course": "你已经选了这门课的另一个班。",
  "error.timetable_clash": "与你已选的课程上课时间冲突。",
  "error.credit_limit": "超过本学期的学分上限。"
};
