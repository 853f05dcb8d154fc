// 中文文案。键与 en-teaching.js 相同；值里的 {name} 由页面填入，“单数 | 复数”按 n 选择。只有我的教学页面加载。
export const texts = {
  "teaching.title": "我的教学",
  "teaching.lead": "点开查看名单、下载或打印。",
  "teaching.this_term": "本学期",
  "teaching.taken": "已选 {n} / {capacity}",
  "teaching.waiting": "候补 {n} 人",
  "teaching.none": "这个学期没有你的课程班。"
};
