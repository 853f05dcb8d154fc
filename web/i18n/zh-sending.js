// 中文文案。键与 en-sending.js 相同；随 parts/ 里提交申请的部分加载。
export const texts = {
  "outcome.pending": "处理中",
  "outcome.pending_cancel": "正在取消",
  "outcome.pending_text": "请求已收到，正在按顺序处理。",
  "outcome.offline": "网络断开了，请求没有丢，恢复后会继续核对。",
  "outcome.unknown": "结果未知，正在核对",
  "outcome.unknown_text": "没有收到服务器的回答。正在用同一个请求核对，不会重复预约。",
  "outcome.unknown_text_cancel": "没有收到服务器的回答。正在用同一个请求核对取消是否生效。",
  "outcome.throttled": "请求较多，稍后自动再试",
  "outcome.throttled_text": "{n} 秒后自动再试，无需操作。",
  "outcome.throttled_offering": "你刚刚点过，请稍等",
  "outcome.throttled_offering_text": "{n} 秒后自动替你提交，不用再点。",
  "outcome.throttled_global": "现在提交的人非常多",
  "outcome.throttled_global_text": "{n} 秒后自动替你再试，不用再点。",
  "outcome.cancelled_text": "取消已生效。预约开放期间可以重新预约。",
  "outcome.full": "已满",
  "outcome.rejected": "未预约成功",
  "outcome.cancelled": "已取消",
  "outcome.expired": "已过期",
  "outcome.cancel_failed": "取消没有成功"
};
