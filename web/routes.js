// The addresses of the site but the desk's (parts/desk-routes.js): shared by the router and the route map of Nginx (ops/webroot).
export const routes = [
  { "path": "^/$", "page": "home", "title": "home.title", "texts": "more", "area": "home" },
  { "path": "^/login$", "page": "login", "title": "login.title", "texts": "more" },
  { "path": "^/lectures$", "page": "lectures", "title": "lectures.title", "texts": "more" },
  { "path": "^/lectures/([0-9]+)$", "page": "lecture", "title": "lecture.title", "texts": "booking", "area": "lectures" },
  { "path": "^/courses$", "page": "courses", "title": "courses.title", "texts": "selection", "area": "selection sections" },
  { "path": "^/courses/([0-9]+)$", "page": "course", "title": "course.title", "texts": "selection", "area": "selection sections" },
  { "path": "^/programme$", "page": "programme", "title": "programme.title", "texts": "selection term", "area": "selection sections" },
  { "path": "^/plan$", "page": "plan", "title": "plan.title", "texts": "selection plan", "area": "selection plan" },
  { "path": "^/enrolments$", "page": "enrolments", "title": "mine.title", "texts": "selection term", "area": "selection sections" },
  { "path": "^/timetable$", "page": "timetable", "title": "timetable.title", "texts": "selection term", "area": "selection timetable" },
  { "path": "^/rounds/([0-9]+)/wishes$", "page": "wishes", "title": "wish.title", "texts": "selection plan", "area": "selection plan" },
  { "path": "^/notices$", "page": "notices", "title": "notices.title", "texts": "more" },
  { "path": "^/claims$", "page": "claims", "title": "claims.title", "texts": "more" },
  { "path": "^/tickets/([0-9a-f-]+)$", "page": "ticket", "title": "ticket.title", "texts": "more", "area": "lectures ticket" },
  { "path": "^/account$", "page": "account", "title": "account.title", "texts": "more" },
  { "path": "^/status$", "page": "status", "title": "status.title", "texts": "status" }
];
