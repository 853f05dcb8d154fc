// The addresses of those who work here: as routes.js, for whom the router finds an address of the desk. Nginx's map has both.
export const routes = [
  { "path": "^/check-in$", "page": "check-in", "title": "checkin.title", "texts": "staff", "area": "staff" },
  { "path": "^/manage/lectures$", "page": "manage-lectures", "title": "manage.title", "texts": "staff", "area": "staff tables" },
  { "path": "^/manage/lectures/(new|[0-9]+)$", "page": "manage-lecture", "title": "manage.one", "texts": "staff", "area": "staff tables" },
  { "path": "^/ops$", "page": "ops", "title": "staff.ops", "texts": "desk ops", "area": "desk tables ops" },
  { "path": "^/ops/(admission|dead-letters|reconciliation)$", "page": "ops-$1", "title": "staff.$1", "texts": "desk repairs", "area": "desk tables ops" },
  { "path": "^/ops/(drills)(?:/([0-9a-z-]+))?$", "page": "ops-$1", "title": "staff.$1", "texts": "desk drills", "area": "desk tables ops" },
  { "path": "^/manage$", "page": "manage", "title": "desk.title", "texts": "desk", "area": "desk" },
  { "path": "^/teaching$", "page": "teaching", "title": "nav.teaching", "texts": "records teaching", "area": "desk tables" },
  { "path": "^/manage/(imports)(?:/([0-9]+))?$", "page": "manage-$1", "title": "staff.$1", "texts": "desk imports", "area": "desk tables system" },
  { "path": "^/manage/(campus|settings|logs)$", "page": "manage-$1", "title": "staff.$1", "texts": "desk system", "area": "desk system" },
  { "path": "^/rosters/([0-9]+)$", "page": "roster", "title": "roster.title", "texts": "records staff", "area": "desk tables" },
  { "path": "^/manage/([a-z-]+)(?:/(new|[0-9]+))?$", "page": "manage-$1", "title": "staff.$1", "texts": "desk records", "area": "desk tables" }
];
