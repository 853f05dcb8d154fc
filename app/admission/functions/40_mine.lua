-- sr_mine: what persons bring to a scope and hold there, with where each claim stands: all that a page of one's own needs.
-- ARGV: epoch:run kind, then per person: scope user. Returns one text per person, which is less to take apart than arrays:
-- '' when the account was never handed over, or not all that is held can be known yet; else records of fields:
--   limit passed bar
--   offering hold group weight claim, then of the claim, when it is known:
--     state version action pool reason admitted_at decided_at sequence target ending("1": another claim of the person, not
--     decided yet, is about to end it) position

local FIELD, RECORD = '\31', '\30' -- no text that people write has these

local function place_of(kind, offering, id, f)
  local rank = f[1] == 'waitlisted' and redis.call('ZRANK', line_key(kind, offering, f[4]), line_member(f[8], id))
  return rank and tostring(rank + 1) or ''
end

local function claim_text(kind, offering, id)
  local f = redis.call('HMGET', 'sr:c:' .. id, 's', 'v', 'a', 'p', 'r', 't', 'd', 'q', 'g', 'c')
  if not f[1] then return '' end
  for n = 1, 9 do f[n] = f[n] or '' end
  f[10] = f[10] and redis.call('HGET', 'sr:c:' .. f[10], 's') == 'pending' and '1' or ''
  f[11] = place_of(kind, offering, id, f)
  return FIELD .. table.concat(f, FIELD)
end

local function own_text(kind, scope, user)
  local account = account_of({ accounts = {} }, kind, scope, user)
  if not account.limit then return '' end
  local records = { table.concat({ account.limit, account.passed, account.bar }, FIELD) }
  for _, held in ipairs(holds_of(account)) do
    local offering = held[OFFERING]
    local id = redis.call('HGET', holders_key(kind, offering), user)
    local fields = { offering, held[HOLD], held[GROUP], held[WEIGHT], id or '' }
    records[#records + 1] = table.concat(fields, FIELD) .. (id and claim_text(kind, offering, id) or '')
  end
  return table.concat(records, RECORD)
end

-- Without 'no-writes', as sr_standings.
redis.register_function{ function_name = 'sr_mine', flags = {}, callback = function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local partial, replies = redis.call('EXISTS', 'sr:partial') == 1, {}
  for at = 3, #args, 2 do
    replies[#replies + 1] = partial and '' or own_text(args[2], args[at], args[at + 1])
  end
  return replies
end }
