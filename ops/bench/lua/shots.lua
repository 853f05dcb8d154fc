-- wrk: send each prepared request once, write one line per answer, stop when all are answered.
-- Arguments after `--`: the requests (one per line: METHOD PATH TOKEN KEY) and the file for the answers.
-- Each answer is a line "STATUS NAME STATE"; NAME is the claim id of a claim, else the problem's code; "-" for none.
-- One thread only: `wrk -t1`.
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } shot_time;
  int clock_gettime(int clock, shot_time *time);
  int getpid(void);
  int kill(int process, int number);
]]

local FORM = "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\n%s\r\n"
local LONGEST = 2048 -- of a claim's answer or a problem: a page of sections is not searched for one
local shots, sent, answered = {}, -1, 0
local first, answers

local function now()
  local time = ffi.new("shot_time")
  ffi.C.clock_gettime(0, time)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, token, key = line:match("^(%S+) (%S+) (%S+) (%S+)$")
    local length = method == "POST" and "Content-Length: 0\r\n" or ""
    shots[#shots + 1] = FORM:format(method, path, token, key, length)
  end
  answers = io.open(arguments[2], "w")
  answers:setvbuf("full", 1048576)
end

function request()
  sent = sent + 1
  if sent == 0 then return shots[1] end -- wrk's own check of the script; nothing is sent
  if sent == 1 then first = now() end
  return shots[sent] or "" -- nothing to send: the connection stays idle
end

function response(status, headers, body)
  answered = answered + 1
  if #body > LONGEST then body = "" end
  local name = body:match('"claim_id":"([%x%-]+)"') or body:match('"code":"([%w_]+)"') or "-"
  answers:write(status, " ", name, " ", body:match('"state":"(%w+)"') or "-", "\n")
  if answered == #shots then
    answers:close()
    io.write(string.format("answered %.6f %.6f\n", first, now()))
    io.flush()
    ffi.C.kill(ffi.C.getpid(), 2) -- ends wrk's wait for its duration
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "latency %.3f %.3f %.3f %.3f\nerrors %d %d %d %d\n",
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect, errors.read, errors.write, errors.timeout))
end
