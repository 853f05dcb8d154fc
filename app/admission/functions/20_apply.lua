-- sr_apply: bring claims to the states MariaDB has committed. One rule for CONFIRM, RELEASE, FREE, ADOPT and TRANSFER:
-- a claim goes to (state, version); an older version is ignored; the counters follow from what it held before (nothing
-- when Redis never heard of it) and what it holds now. The whole batch is one atomic step, so a seat handed from one
-- claim to another is never free in between.
-- ARGV: epoch:run, count, then per item 14 fields:
--       id kind offering user pool action state version reason decided_at hold admitted_at sequence target
--       (action "resize": version = version of the pool's size, decided_at = capacity, admitted_at = line capacity,
--       id = the withdrawal that ends with it, if any)
-- Returns {kind, offering of those that are not loaded, promotions as flat fields: id kind offering pool admitted_at}

local ITEM = 14

local TAKING = { book = true, swap = true } -- claims that hold what they are granted
local FINAL = { rejected = true, cancelled = true, expired = true }

local function record(a, at)
  return { id = a[at], kind = a[at + 1], offering = a[at + 2], user = a[at + 3], pool = a[at + 4], action = a[at + 5],
           state = a[at + 6], version = tonumber(a[at + 7]), reason = a[at + 8], decided_at = a[at + 9],
           hold = a[at + 10], admitted_at = a[at + 11], sequence = a[at + 12], target = a[at + 13] }
end

-- Sizes are absolute and versioned, so a repeated or late one changes nothing; the counters move by the difference.
local function resize(okey, i)
  end_withdrawal(okey, i.pool, i.id)
  local f = redis.call('HMGET', okey, 'c:' .. i.pool, 'n:' .. i.pool, 'z:' .. i.pool)
  if f[3] and tonumber(f[3]) >= i.version then return end
  local capacity, places = tonumber(i.decided_at), tonumber(i.admitted_at)
  redis.call('HINCRBY', okey, 's:' .. i.pool, capacity - tonumber(f[1] or '0'))
  redis.call('HINCRBY', okey, 'l:' .. i.pool, places - tonumber(f[2] or '0'))
  redis.call('HINCRBY', okey, 'w:' .. i.pool, 0)
  redis.call('HSET', okey, 'c:' .. i.pool, capacity, 'n:' .. i.pool, places, 'z:' .. i.pool, i.version)
end

-- Steps of two claims of one student may come in any order: a booking that was decided later is never pushed out by
-- one that was decided before (and that has ended since, or MariaDB would not have taken the other).
local function keep_holder(i)
  local hkey = holders_key(i.kind, i.offering)
  local holder = redis.call('HGET', hkey, i.user)
  if FINAL[i.state] then
    if holder == i.id then redis.call('HDEL', hkey, i.user) end
    return
  end
  if holder == i.id then return end
  local since = holder and redis.call('HGET', 'sr:c:' .. holder, 'd')
  if not since or tonumber(since) <= tonumber(i.decided_at) then redis.call('HSET', hkey, i.user, i.id) end
end

-- The account follows the holder: whatever comes late of a claim that holds the offering no more changes nothing.
local function follow_holder(o, i)
  if not o.scope or o.scope == '' then return end
  local holder = redis.call('HGET', holders_key(i.kind, i.offering), i.user)
  if holder == i.id then keep_account(i.kind, o, i.offering, i.user, i.hold) end
  if not holder then keep_account(i.kind, o, i.offering, i.user, 'none') end
end

local function keep_line(i, held, pool)
  if i.hold == 'line' then
    redis.call('ZADD', line_key(i.kind, i.offering, i.pool), i.admitted_at, line_member(i.sequence, i.id))
  elseif held == 'line' then
    redis.call('ZREM', line_key(i.kind, i.offering, pool), line_member(i.sequence, i.id))
  end
end

-- A cancellation or a swap came to nothing there: or nobody could ever cancel that booking again.
local function leave_alone(target, id)
  local tkey = 'sr:c:' .. target
  if redis.call('HGET', tkey, 'c') == id then redis.call('HDEL', tkey, 'c') end
end

-- Returns the pool it held before when the step was new, else nil; and whether a seat came free there that settle has
-- not handed on, because it never gave it to anybody.
local function step(okey, o, i)
  local ckey = 'sr:c:' .. i.id
  local f = redis.call('HMGET', ckey, 's', 'v', 'h', 'p', 'g')
  if f[2] and tonumber(f[2]) >= i.version then return nil end
  local held, pool = f[3] or 'none', f[4] or i.pool
  if held ~= i.hold or pool ~= i.pool then
    give_back(okey, pool, held)
    take(okey, i.pool, i.hold)
  end
  redis.call('HSET', ckey, 'p', i.pool, 's', i.state, 'v', i.version, 'h', i.hold, 'q', i.sequence, 't', i.admitted_at,
    'r', i.reason, 'd', i.decided_at, 'g', i.target)
  if not f[2] then -- unknown so far, or known as refused only
    redis.call('HSET', ckey, 'k', i.kind, 'o', i.offering, 'u', i.user, 'a', i.action)
  end
  redis.call('ZREM', 'sr:pending', i.id)
  redis.call('SREM', 'sr:mine:' .. i.user, i.id)
  if TAKING[i.action] then
    keep_holder(i)
    follow_holder(o, i)
    keep_line(i, held, pool)
  elseif i.action == 'promote' and f[1] == 'pending' then
    redis.call('HINCRBY', okey, 'm:' .. i.pool, -1)
  end
  if i.state == 'rejected' and i.target ~= '' then leave_alone(i.target, i.id) end
  -- Sent again to a server that had forgotten it, it was taken for the end of a booking that came after it.
  if f[5] and f[5] ~= '' and f[5] ~= i.target then leave_alone(f[5], i.id) end
  if FINAL[i.state] or not TAKING[i.action] then
    redis.call('EXPIRE', ckey, KEEP_FINAL_S)
  elseif f[1] == 'refused' then
    redis.call('PERSIST', ckey)
  end
  local kept = i.hold == 'seat' and i.pool == pool
  return pool, f[1] == 'pending' and TAKING[i.action] and held == 'seat' and not kept
end

-- A promotion is a claim of its own, which holds a free seat until settle hands it on.
local function promise(now, okey, t, pool, count, promotions)
  for _ = 1, count do
    local hex = redis.sha1hex(okey .. ':' .. pool .. ':' .. now .. ':' .. redis.call('HINCRBY', okey, 'promotions', 1))
    local id = hex:sub(1, 8) .. '-' .. hex:sub(9, 12) .. '-5' .. hex:sub(14, 16) .. '-8' .. hex:sub(18, 20) .. '-' .. hex:sub(21, 32)
    redis.call('HINCRBY', okey, 's:' .. pool, -1)
    redis.call('HINCRBY', okey, 'm:' .. pool, 1)
    redis.call('HSET', 'sr:c:' .. id, 'k', t.kind, 'o', t.offering, 'u', '0', 'p', pool, 'a', 'promote', 's', 'pending',
      'v', 0, 'h', 'seat', 'q', 0, 't', now, 'f', '', 'g', '', 'l', '0')
    redis.call('ZADD', 'sr:pending', now, id)
    for _, value in ipairs({ id, t.kind, t.offering, pool, now }) do promotions[#promotions + 1] = value end
  end
end

-- A free seat never goes to a newcomer while somebody waits: a promotion holds it. Only settled waiters count (those
-- still pending would make promotions spin), and each waiter once. Redis does not know which of those in the general
-- line may have a reserved seat: such a seat is offered once, when it comes free, and MariaDB looks again (sr_offer).
local function withhold_pool(now, okey, t, pool, promotions)
  local f = redis.call('HMGET', okey, 's:' .. pool, 'm:' .. pool)
  local waiting = math.max(0, redis.call('ZCARD', line_key(t.kind, t.offering, pool)) - tonumber(f[2] or '0'))
  if pool ~= GENERAL and t.freed[pool] then
    waiting = waiting + math.min(t.freed[pool], redis.call('ZCARD', line_key(t.kind, t.offering, GENERAL)))
  end
  promise(now, okey, t, pool, math.min(tonumber(f[1] or '0'), waiting), promotions)
end

local function withhold(now, touched, promotions)
  for okey, t in pairs(touched) do
    note_change(t.kind, t.offering)
    -- A promotion that found nobody settled in the line yet is left to the sweeper, or it would spin.
    for pool, publish in pairs(t.pools) do withhold_pool(now, okey, t, pool, publish and promotions or {}) end
  end
end

local function touch(touched, okey, i, pool)
  local t = touched[okey]
  if not t then
    t = { kind = i.kind, offering = i.offering, pools = {}, freed = {} }
    touched[okey] = t
  end
  t.pools[pool] = t.pools[pool] or i.action ~= 'promote'
  return t
end

local function apply_items(args, first, count)
  local deferred, promotions, touched, loaded = {}, {}, {}, {}
  for n = 1, count do
    local i = record(args, first + (n - 1) * ITEM)
    local okey = offering_key(i.kind, i.offering)
    if loaded[okey] == nil then
      local f = redis.call('HMGET', okey, 'version', unpack(TRAITS))
      loaded[okey] = f[1] and { scope = f[2], group = f[3], weight = f[4], slots = f[5] } or false
      if not loaded[okey] then
        deferred[#deferred + 1] = i.kind
        deferred[#deferred + 1] = i.offering
      end
    end
    if not loaded[okey] then
      -- its seats cannot be counted yet: left out, the caller loads the offering and comes again
    elseif i.action == 'resize' then
      resize(okey, i)
      touch(touched, okey, i, i.pool)
    else
      local held, freed = step(okey, loaded[okey], i)
      if held then
        touch(touched, okey, i, i.pool)
        local t = touch(touched, okey, i, held)
        if freed then t.freed[held] = (t.freed[held] or 0) + 1 end
      end
    end
  end
  withhold(now_ms(), touched, promotions)
  return { deferred, promotions }
end

redis.register_function('sr_apply', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  return apply_items(args, 3, tonumber(args[2]))
end)

-- sr_offer: let promotions hold free seats of a pool for claims that wait in another pool's line (MariaDB knows which).
-- ARGV: epoch:run kind offering pool wanted: how many such claims there are. Returns new promotions as sr_apply does.
redis.register_function('sr_offer', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey, pool, promotions = offering_key(args[2], args[3]), args[4], {}
  local f = redis.call('HMGET', okey, 's:' .. pool, 'm:' .. pool)
  local wanted = tonumber(args[5]) - tonumber(f[2] or '0')
  promise(now_ms(), okey, { kind = args[2], offering = args[3] }, pool, math.min(tonumber(f[1] or '0'), wanted), promotions)
  return promotions
end)
