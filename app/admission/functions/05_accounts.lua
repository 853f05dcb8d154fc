-- Rules over several offerings of one person (a term's courses). What an offering brings to them are its traits, fields
-- of its hash; an offering without a scope, such as a lecture, has none and pays nothing:
--   scope   within which the rules hold, a term
--   group   at most one live claim per person, a course
--   weight  what a seat costs of the person's limit, tenths of a credit
--   slots   when it meets: "weekday:periods:weeks;…", periods and weeks as bit masks of at most 31 bits
--   needs   groups that must have been passed: "group|group"
--   fair    until when its claims are decided by lot, '' when they are not, or not any more
-- A person's account: limit, passed ("|group|group|"), bar (why nothing may be claimed, or ''), version of these; and per
-- offering that the person holds h:<offering> "hold|weight|group|slots". The holds follow from the claims like the seats
-- (a place in the line takes neither weight nor slots); without `limit` the account was never loaded, and nobody is
-- judged by it. What the holds add up to stands beside them, so that a claim is judged without taking each apart:
--   used    weight of the seats
--   groups  "|group|group|" of seats and places
--   busy    ";slots;slots" of the seats

local TRAITS = { 'scope', 'group', 'weight', 'slots', 'needs', 'fair' }

local function account_key(kind, scope, user) return 'sr:a:' .. kind .. ':' .. scope .. ':' .. user end

-- So that the accounts of a scope that is over can be found and forgotten.
local function note_scope(kind, scope)
  if scope ~= '' then redis.call('SADD', 'sr:scopes', kind .. ':' .. scope) end
end

-- A hold of an account is a plain array: these are read by the thousand, and a table with names is four times as large.
local OFFERING, HOLD, WEIGHT, GROUP, SLOTS = 1, 2, 3, 4, 5

local function parsed_holds(key)
  local flat, holds = redis.call('HGETALL', key), {}
  for at = 1, #flat, 2 do
    if flat[at]:sub(1, 2) == 'h:' then
      local hold, weight, group, slots = string.match(flat[at + 1], '^(%a+)|(%d+)|([^|]*)|(.*)$')
      holds[#holds + 1] = { flat[at]:sub(3), hold, tonumber(weight), group, slots }
    end
  end
  return holds
end

local function add_up(sum, hold, weight, group, slots)
  sum.groups = sum.groups .. group .. '|'
  if hold == 'seat' then
    sum.used = sum.used + weight
    sum.busy = sum.busy .. ';' .. slots
  end
end

local function write_sum(key)
  local sum, holds = { used = 0, groups = '|', busy = '' }, parsed_holds(key)
  for _, held in ipairs(holds) do add_up(sum, held[HOLD], held[WEIGHT], held[GROUP], held[SLOTS]) end
  if #holds > 0 then
    redis.call('HSET', key, 'used', sum.used, 'groups', sum.groups, 'busy', sum.busy)
  else
    redis.call('HDEL', key, 'used', 'groups', 'busy')
  end
end

local function hold_field(t, hold) return hold .. '|' .. t.weight .. '|' .. t.group .. '|' .. t.slots end

-- t: the offering's traits by name. `hold` is what the person's live claim on it holds now; as a rule what it held before.
local function keep_account(kind, t, offering, user, hold)
  local key, field = account_key(kind, t.scope, user), 'h:' .. offering
  local value = (hold == 'seat' or hold == 'line') and hold_field(t, hold)
  if redis.call('HGET', key, field) == value then return end
  if value then redis.call('HSET', key, field, value) else redis.call('HDEL', key, field) end
  write_sum(key)
end

local function meetings(slots)
  local found = {}
  for day, periods, weeks in string.gmatch(slots, '(%d+):(%d+):(%d+)') do
    found[#found + 1] = { day, tonumber(periods), tonumber(weeks) }
  end
  return found
end

local function overlap(mine, theirs)
  for _, a in ipairs(mine) do
    for _, b in ipairs(theirs) do
      if a[1] == b[1] and bit.band(a[2], b[2]) ~= 0 and bit.band(a[3], b[3]) ~= 0 then return true end
    end
  end
  return false
end

-- True when a meeting of the offering falls into a seat of the person's. What is held is searched as one text, by weekday:
-- to take every hold apart for every claim was most of what the rules cost.
local function occupied(busy, slots)
  for day, periods, weeks in string.gmatch(slots, '(%d+):(%d+):(%d+)') do
    local word, at = ';' .. day .. ':', 1
    while true do
      local _, stop = string.find(busy, word, at, true)
      if not stop then break end
      local p, w = string.match(busy, '^(%d+):(%d+)', stop + 1)
      if bit.band(tonumber(periods), tonumber(p)) ~= 0 and bit.band(tonumber(weeks), tonumber(w)) ~= 0 then return true end
      at = stop + 1
    end
  end
  return false
end

-- Read once a batch: what the batch itself lets the person hold is added by account_take, and written at its end.
local function account_of(ctx, kind, scope, user)
  local key = account_key(kind, scope, user)
  local account = ctx.accounts[key]
  if account then return account end
  local f = redis.call('HMGET', key, 'limit', 'passed', 'bar', 'used', 'groups', 'busy')
  account = { limit = f[1], passed = f[2], bar = f[3], used = tonumber(f[4] or '0'), groups = f[5] or '|', busy = f[6] or '',
              key = key, taken = {}, fields = {} }
  ctx.accounts[key] = account
  return account
end

-- One by one, this batch's among them: only to name the one that stands in the way, or to leave one out.
local function holds_of(account)
  local holds = parsed_holds(account.key)
  for _, held in ipairs(account.taken) do holds[#holds + 1] = held end
  return holds
end

local function missing_group(account, needs)
  for group in string.gmatch(needs, '[^|]+') do
    if not string.find(account.passed, '|' .. group .. '|', 1, true) then return group end
  end
  return nil
end

-- The seat that the person holds at the same time; nil for none.
local function clash_with(account, o, gone)
  if not occupied(account.busy, o.slots) then return nil end
  local mine = meetings(o.slots)
  for _, held in ipairs(holds_of(account)) do
    if held[HOLD] == 'seat' and held[OFFERING] ~= gone and overlap(mine, meetings(held[SLOTS])) then return held[OFFERING] end
  end
  return nil
end

-- The rule that stands against one more claim, as a verdict; nil when none does. `waives` names verdicts that are lifted,
-- `gone` the offering that a swap gives up (nil for none): judged as if it were not held any more.
local function rule_against(account, o, waives, gone)
  local function lifted(rule) return waives ~= '' and string.find(waives, '|' .. rule .. '|', 1, true) end
  if account.bar ~= '' then return { 'barred', account.bar } end
  local missing = missing_group(account, o.needs)
  if missing and not lifted('needs') then return { 'needs', missing } end
  local used = account.used
  if gone or string.find(account.groups, '|' .. o.group .. '|', 1, true) then
    for _, held in ipairs(holds_of(account)) do
      if held[OFFERING] == gone then
        if held[HOLD] == 'seat' then used = used - held[WEIGHT] end
      elseif held[GROUP] == o.group then
        return { 'group', held[OFFERING] }
      end
    end
  end
  local other = not lifted('clash') and clash_with(account, o, gone)
  if other then return { 'clash', other } end
  if used + o.weight > tonumber(account.limit) and not lifted('over_limit') then
    return { 'over_limit', used, o.weight, tonumber(account.limit) }
  end
  return nil
end

local function account_take(account, c, hold)
  local taken, fields, o = account.taken, account.fields, c.o
  fields[#fields + 1] = 'h:' .. c.offering
  fields[#fields + 1] = hold_field(o, hold)
  taken[#taken + 1] = { c.offering, hold, o.weight, o.group, o.slots }
  add_up(account, hold, o.weight, o.group, o.slots)
end

local function write_accounts(ctx)
  for _, account in pairs(ctx.accounts) do
    if #account.fields > 0 then
      redis.call('HSET', account.key, 'used', account.used, 'groups', account.groups, 'busy', account.busy, unpack(account.fields))
    end
  end
end

-- sr_accounts: hand over accounts; an older version changes nothing, what is held stays as it is.
-- ARGV: epoch:run kind count, then per account: scope user limit passed bar version. Returns how many were newer.
redis.register_function('sr_accounts', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local taken, last = 0, nil
  for n = 1, tonumber(args[3]) do
    local at = 4 + (n - 1) * 6
    local key = account_key(args[2], args[at], args[at + 1])
    if args[at] ~= last then note_scope(args[2], args[at]) end
    last = args[at]
    local version = tonumber(redis.call('HGET', key, 'version') or '-1')
    if tonumber(args[at + 5]) > version then
      redis.call('HSET', key, 'limit', args[at + 2], 'passed', args[at + 3], 'bar', args[at + 4], 'version', args[at + 5])
      taken = taken + 1
    end
  end
  return taken
end)
