// 中文文案。键与 en-overlaps.js 相同；随 parts/overlaps.js 加载。
export const texts = {
  "overlap.class": "与你的 {title} {when} 时间重叠。",
  "overlap.exam": "与你的 {title} 考试（{when} 开始）时间重叠。",
  "overlap.lecture": "与你预约的讲座 {title}（{when}）时间重叠。",
  "overlap.note": "只是提醒，不影响预约。"
};
