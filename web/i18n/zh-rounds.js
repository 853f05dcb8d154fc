// 中文文案。键与 en-rounds.js 相同；只有选课与管理页面加载。
export const texts = {
  "error.wishes_only": "本轮为志愿抽签，请填报志愿，抽签后公布结果。",
  "error.time_ticket_not_found": "没有这条分时段设置。",
  "error.hold_not_found": "没有这条选课限制。",
  "error.restriction_not_found": "没有这条紧急设置。",
  "error.override_not_found": "没有这条特批。",
  "error.student_not_found": "没有学号或用户名为 {username} 的学生。"
};
