// 中文文案。键与 en-rounds.js 相同；只有选课与管理页面加载。
export const texts = {
  "error.wishes_only": "本轮为志愿抽签，请填报志愿，抽签后公布结果。",
  "error.time_ticket_not_found": "没有这条分时段设置。",
  "error.hold_not_found": "没有这条选课限制。",
  "error.restriction_not_found": "没有这条紧急设置。",
  "error.override_not_found": "没有这条特批。",
  "error.student_not_found": "没有学号或用户名为 {username} 的学生。",
  "error.round_not_found": "没有这个选课轮次。",
  "error.round_number_taken": "本学期已有第 {round_no} 轮。",
  "error.round_overlap": "与第 {round_no} 轮的开放时间重叠。",
  "error.round_started": "本轮已经开始，这些内容不能再改；延长时间请用“延长”。",
  "error.round_state": "本轮现在的状态不允许这样做。",
  "error.not_a_lottery": "本轮不是志愿抽签轮次。",
  "error.points_over_limit": "志愿点数合计 {points}，超过上限 {limit}。",
  "error.round_not_closed": "本轮还没有截止，截止后才能抽签。",
  "error.draw_not_found": "本轮还没有抽签结果。"
};
