-- sr_begin: open a new epoch on an emptied server, after MariaDB has raised it; never goes back.
-- ARGV: epoch run rate burst draining("0"/"1": claims of before are on their way, see sr_open) format
redis.register_function('sr_begin', function(_, args)
  local current = tonumber(redis.call('GET', 'sr:epoch') or '0')
  if tonumber(args[1]) < current then return redis.error_reply('EPOCH ' .. current) end
  redis.call('SET', 'sr:epoch', args[1])
  redis.call('SET', 'sr:run', args[2])
  redis.call('SET', 'sr:format', args[6])
  redis.call('SET', 'sr:begun', now_ms())
  if args[5] == '1' then redis.call('MSET', 'sr:draining', '1', 'sr:partial', '1') end
  redis.call('HSET', 'sr:bucket', 'rate', args[3], 'burst', args[4])
  return 'OK'
end)

-- sr_open: every claim of before the epoch has been decided, offerings may be loaded. ARGV: epoch:run
redis.register_function('sr_open', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  return redis.call('DEL', 'sr:draining')
end)

-- sr_complete: every offering has been loaded, so what a person holds is all there. ARGV: epoch:run
redis.register_function('sr_complete', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  return redis.call('DEL', 'sr:partial')
end)

-- sr_distrust: a worker could not ask this server and has sent a claim straight to the queue. A server that does not
-- know every undecided claim must not refuse any (docs/model.md, flaw 5), so it gives its epoch up, to be rebuilt.
-- ARGV: age of the worker's newest such claim in ms, ms after sr_begin within which workers come back.
-- Returns 1; 0 when a rebuild that began later covers the claim, or is due anyway.
redis.register_function('sr_distrust', function(_, args)
  local begun = tonumber(redis.call('GET', 'sr:begun') or '0')
  if now_ms() - tonumber(args[1]) < begun + tonumber(args[2]) then return 0 end
  return redis.call('DEL', 'sr:epoch')
end)

-- sr_bucket: change the global token bucket; it starts full. ARGV: epoch:run rate burst
redis.register_function('sr_bucket', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  redis.call('HSET', 'sr:bucket', 'rate', args[2], 'burst', args[3])
  redis.call('HDEL', 'sr:bucket', 'tokens', 'at')
  return 'OK'
end)

local function write_description(okey, args)
  redis.call('HSET', okey, 'opens', args[4], 'closes', args[5], 'cancel_until', args[6], 'frozen', args[7], 'version', args[8])
  for n, name in ipairs(TRAITS) do redis.call('HSET', okey, name, args[8 + n]) end
  redis.call('HSET', okey, 'next', args[15])
  note_scope(args[2], args[9])
end

-- Whoever holds this offering has its traits in the account: they are to be the new ones.
local function tell_accounts(kind, offering, before, after)
  local flat = redis.call('HGETALL', holders_key(kind, offering))
  for at = 1, #flat, 2 do
    if before.scope ~= '' then keep_account(kind, before, offering, flat[at], 'none') end
    local hold = redis.call('HGET', 'sr:c:' .. flat[at + 1], 'h') or 'none'
    if after.scope ~= '' then keep_account(kind, after, offering, flat[at], hold) end
  end
end

local function traits_of(okey)
  local f, t = redis.call('HMGET', okey, unpack(TRAITS)), {}
  for n, name in ipairs(TRAITS) do t[name] = f[n] end
  return t
end

-- Not there yet, and no claims of before the epoch are on their way.
local function loadable(okey) return redis.call('EXISTS', okey, 'sr:draining') == 0 end

-- sr_to_load: those of these offerings that sr_load would create now, in their order. ARGV: epoch:run kind offering...
redis.register_function('sr_to_load', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local found = {}
  for at = 3, #args do
    if loadable(offering_key(args[2], args[at])) then table.insert(found, args[at]) end
  end
  return found
end)

-- sr_load: create an offering that Redis does not know, then apply its live claims, which take their seats.
-- ARGV: epoch:run kind offering opens closes cancel_until frozen version scope group weight slots needs fair next pools,
--       per pool: name capacity line_capacity size_version, count, then items as in sr_apply
--       (next: "opens:closes:cancel_until:frozen:fair" of the opening that counts from `closes` on, '' for none)
-- Returns 0 when it was there already, or claims of before the epoch are still on their way (nothing changed), else 1.
redis.register_function('sr_load', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey = offering_key(args[2], args[3])
  if not loadable(okey) then return 0 end
  write_description(okey, args)
  redis.call('HSET', okey, 'seq', 0)
  local at, top = 17, 0
  for _ = 1, tonumber(args[16]) do
    local pool, capacity, places = args[at], args[at + 1], args[at + 2]
    redis.call('HSET', okey, 's:' .. pool, capacity, 'l:' .. pool, places, 'w:' .. pool, 0,
      'c:' .. pool, capacity, 'n:' .. pool, places, 'z:' .. pool, args[at + 3])
    at = at + 4
  end
  local count = tonumber(args[at])
  apply_items(args, at + 1, count)
  for n = 1, count do top = math.max(top, tonumber(args[at + 1 + (n - 1) * 14 + 12])) end
  redis.call('HSET', okey, 'seq', top)
  redis.call('SADD', 'sr:loaded', args[2] .. ':' .. args[3])
  redis.call('DEL', 'sr:wanted:' .. args[2] .. ':' .. args[3])
  note_change(args[2], args[3])
  return 1
end)

-- sr_unload: forget an offering that is over, and its live claims: MariaDB has them for good.
-- ARGV: epoch:run kind offering. Returns how many live claims it had.
redis.register_function('sr_unload', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey, hkey = offering_key(args[2], args[3]), holders_key(args[2], args[3])
  local claims = redis.call('HVALS', hkey)
  local t = traits_of(okey)
  if t.scope and t.scope ~= '' then tell_accounts(args[2], args[3], t, { scope = '' }) end
  for _, id in ipairs(claims) do
    -- MariaDB has it; kept, its version would keep a later load from giving it its seat
    if redis.call('HGET', 'sr:c:' .. id, 's') ~= 'pending' then redis.call('DEL', 'sr:c:' .. id) end
  end
  for _, field in ipairs(redis.call('HKEYS', okey)) do
    if field:sub(1, 2) == 's:' then redis.call('DEL', line_key(args[2], args[3], field:sub(3))) end
  end
  redis.call('DEL', okey, hkey)
  redis.call('SREM', 'sr:loaded', args[2] .. ':' .. args[3])
  return #claims
end)

-- sr_describe: a newer description replaces an older.
-- ARGV: epoch:run kind offering opens closes cancel_until frozen version scope group weight slots needs fair next
-- Returns -1 when the offering is not loaded, 0 when this description is not newer, 1 when it was taken.
redis.register_function('sr_describe', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey = offering_key(args[2], args[3])
  local version = tonumber(redis.call('HGET', okey, 'version') or '')
  if not version then return -1 end
  if tonumber(args[8]) <= version then return 0 end
  local before = traits_of(okey)
  write_description(okey, args)
  local after = traits_of(okey)
  for _, name in ipairs(TRAITS) do
    if before[name] ~= after[name] then
      tell_accounts(args[2], args[3], before, after)
      break
    end
  end
  return 1
end)

-- sr_withdraw: take seats and places out before MariaDB does, so that they cannot be given away meanwhile. Capacity and
-- size version stay as they are: the size that names this withdrawal ends it, or sr_restore does.
-- ARGV: epoch:run kind offering pool withdrawal seats places. Returns 1 (also when it was done before), 0 (fewer are
-- free, nothing changed), -1 not loaded.
redis.register_function('sr_withdraw', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey, pool, seats, places = offering_key(args[2], args[3]), args[4], tonumber(args[6]), tonumber(args[7])
  local field = 'x:' .. pool .. ':' .. args[5]
  local f = redis.call('HMGET', okey, 's:' .. pool, 'l:' .. pool, field)
  if not f[1] then return -1 end
  if f[3] then return 1 end
  -- A line may be over-full for a moment: who takes nothing out of it is not stopped by that.
  if seats > math.max(0, tonumber(f[1])) or places > math.max(0, tonumber(f[2])) then return 0 end
  -- 0 - x, as -0 would be written "-0", which is no integer to Redis
  redis.call('HINCRBY', okey, 's:' .. pool, 0 - seats)
  redis.call('HINCRBY', okey, 'l:' .. pool, 0 - places)
  redis.call('HSET', okey, field, args[6] .. ':' .. args[7])
  note_change(args[2], args[3])
  return 1
end)

-- sr_restore: a withdrawal that no size will end. ARGV: epoch:run kind offering pool withdrawal. Returns 1, or 0: over.
redis.register_function('sr_restore', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey, t = offering_key(args[2], args[3]), { kind = args[2], offering = args[3], freed = {} }
  if end_withdrawal(okey, args[4], args[5]) == 0 then return 0 end
  note_change(args[2], args[3])
  withhold_pool(now_ms(), okey, t, args[4], {}) -- somebody may have come to wait meanwhile; the sweeper publishes
  return 1
end)

local function only_promotions_pending()
  local pending = redis.call('ZRANGE', 'sr:pending', 0, 99)
  for _, id in ipairs(pending) do
    if redis.call('HGET', 'sr:c:' .. id, 'a') ~= 'promote' then return false end
  end
  return #pending < 100
end

-- While a rebuild fills, an old step may stand here whose end is only brought by the replay that comes last: what is counted
-- then is not yet what it will be.
local function quiet()
  local filling = 'sr:filling:' .. (redis.call('GET', 'sr:epoch') or '')
  return redis.call('EXISTS', 'sr:draining', 'sr:partial', filling) == 0 and only_promotions_pending()
end

redis.register_function('sr_quiet', function() return quiet() and 1 or 0 end)

-- sr_repair: set a pool's counters, if they are still what the caller compared, nothing but promotions is pending and no
-- rebuild is under way.
-- Seats that promotions hold are left to them: each gives its seat back when it finds nobody to promote. Withdrawals
-- are forgotten, their process has died or takes longer than it may.
-- ARGV: epoch:run kind offering pool seen_seats seen_waiting capacity line_capacity taken waiting size_version.
-- Returns 1; 0 when they moved, or when a newer size has come meanwhile.
redis.register_function('sr_repair', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local okey, pool = offering_key(args[2], args[3]), args[4]
  local f = redis.call('HMGET', okey, 's:' .. pool, 'w:' .. pool, 'z:' .. pool)
  if not quiet() or f[1] ~= args[5] or f[2] ~= args[6] then return 0 end
  if tonumber(f[3] or '0') > tonumber(args[11]) then return 0 end
  local held = tonumber(redis.call('HGET', okey, 'm:' .. pool) or '0')
  local withdrawn = 'x:' .. pool .. ':'
  for _, field in ipairs(redis.call('HKEYS', okey)) do
    if field:sub(1, #withdrawn) == withdrawn then redis.call('HDEL', okey, field) end
  end
  redis.call('HSET', okey, 's:' .. pool, args[7] - args[9] - held, 'l:' .. pool, args[8] - args[10], 'w:' .. pool, args[10],
    'c:' .. pool, args[7], 'n:' .. pool, args[8])
  note_change(args[2], args[3])
  return 1
end)

-- sr_standings: ARGV: epoch:run, claim ids. Per claim: {} when unknown, else
-- {kind offering user pool action state version reason admitted_at decided_at sequence target hold line_ok pools(or '') position(or '')}
-- No 'no-writes': a primary that takes no writes (cut off from its replicas) does not hear of decisions either, and must not answer.
redis.register_function{ function_name = 'sr_standings', flags = {}, callback = function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local replies = {}
  for n = 2, #args do
    local id = args[n]
    local f = redis.call('HMGET', 'sr:c:' .. id, 'k', 'o', 'u', 'p', 'a', 's', 'v', 'r', 't', 'd', 'q', 'g', 'h', 'l', 'b')
    if not f[1] then
      replies[n - 1] = {}
    else
      for field = 1, 15 do f[field] = f[field] or '' end
      local rank = f[6] == 'waitlisted' and redis.call('ZRANK', line_key(f[1], f[2], f[4]), line_member(f[11], id))
      f[16] = rank and tostring(rank + 1) or ''
      replies[n - 1] = f
    end
  end
  return replies
end }

-- sr_counters: ARGV: epoch:run kind, offering ids. Per offering: {} when not loaded, else flat pool, seats left, waiting, seats held by
-- promotions, places left, …
redis.register_function{ function_name = 'sr_counters', flags = { 'no-writes' }, callback = function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local replies = {}
  for n = 3, #args do
    local flat, reply = redis.call('HGETALL', offering_key(args[2], args[n])), {}
    local fields = {}
    for at = 1, #flat, 2 do fields[flat[at]] = flat[at + 1] end
    for name, value in pairs(fields) do
      if name:sub(1, 2) == 's:' then
        local pool = name:sub(3)
        reply[#reply + 1] = pool
        reply[#reply + 1] = value
        for _, letter in ipairs({ 'w:', 'm:', 'l:' }) do reply[#reply + 1] = fields[letter .. pool] or '0' end
      end
    end
    replies[n - 2] = reply
  end
  return replies
end }
