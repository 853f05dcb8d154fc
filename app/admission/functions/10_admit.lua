-- sr_admit: decide a batch of claims in one atomic step.
-- ARGV: epoch:run, interval_ms, user_emission_ms, user_burst, count, then per claim 11 fields:
--       id kind action("book", "cancel", "swap:<offering it gives up>") user offering pools("a|b") line_ok("0"/"1") fingerprint
--       not_before(the person's own opening time, 0: the offering's) cart(claims of one cart cost one token and share one
--       fingerprint; '' for none) waives("|clash|needs|": rules that do not stand against this person here)
-- Returns one array per claim, first element the verdict:
--   new <sequence> <admitted_at> <pool> <hold> <target>
--   again (the same fields)   a replay of a claim that is still pending: publish it again before answering
--   replay <sequence>         a replay of a decided claim
--   refused <code> <detail…>  an earlier refusal of this very claim, repeated
--   unloaded                  the offering is not loaded, as it is over long ago, or quite new: load it (sr_load) and ask again
--   recorded <admitted_at>    nor can it be (a rebuild is under way, or somebody tries): refused nothing, holds nothing,
--                             MariaDB decides
--   claimed <claim> <state> | reused | frozen | not_open <opens_at> | closed | nothing | too_late
--   throttled <scope> <retry_ms> | sold_out
--   unknown_account           of a person whose account must be handed over first (sr_accounts); then ask again
--   barred <reason> | needs <group> | over_limit <used> <weight> <limit>
--   group <offering> <claim> <state> | clash <offering> <claim> <state>   with the claim that holds what stands in the way

local FIELDS = 11

local function write_pending(ctx, c, pool, hold, target, sequence)
  redis.call('HSET', 'sr:c:' .. c.id, 'k', c.kind, 'o', c.offering, 'u', c.user, 'p', pool, 'a', c.action,
    's', 'pending', 'v', 0, 'h', hold, 'q', sequence, 't', ctx.now, 'f', c.fingerprint, 'g', target, 'l', c.line_ok)
  remember_pending(c.id, c.user, ctx.now)
  c.keep_cart = true
end

local function store(ctx, c, pool, hold, target)
  c.o.admitted = c.o.admitted + 1
  local sequence = c.o.sequence + c.o.admitted
  write_pending(ctx, c, pool, hold, target, sequence)
  return { 'new', sequence, ctx.now, pool, hold, target }
end

-- While an offering is not loaded Redis does not know all claims on it, so it must not refuse; but it must know this
-- one afterwards, or a retry could be told "sold out" while the first try is being confirmed. Its pools are kept, all of
-- them: the sweeper may be the one who publishes it, and MariaDB then chooses among them.
local function record_unloaded(ctx, c)
  write_pending(ctx, c, string.match(c.pools, '[^|]+$'), c.action == 'cancel' and 'none' or 'any', '', 0)
  redis.call('HSET', 'sr:c:' .. c.id, 'b', c.pools)
  return { 'recorded', ctx.now }
end

-- Whoever asks first loads it. Others who come meanwhile are not kept waiting, nor is anybody when it cannot be loaded.
local function not_loaded(ctx, c, offering)
  local first = redis.call('EXISTS', 'sr:draining') == 0
    and redis.call('SET', 'sr:wanted:' .. c.kind .. ':' .. offering, '1', 'NX', 'PX', LOAD_WITHIN_MS)
  return first and { 'unloaded' } or record_unloaded(ctx, c)
end

local function remember_refusal(c, code, detail)
  redis.call('HSET', 'sr:c:' .. c.id, 's', 'refused', 'r', code, 'f', c.fingerprint, 'u', c.user, 'g', detail)
  redis.call('EXPIRE', 'sr:c:' .. c.id, KEEP_REFUSAL_S)
  c.keep_cart = true
end

-- A verdict with its details is remembered as it was said: "detail|detail".
local function refuse(c, verdict)
  remember_refusal(c, verdict[1], table.concat(verdict, '|', 2))
  return verdict
end

local function state_of(claim) return redis.call('HGET', 'sr:c:' .. claim, 's') or 'unknown' end

local function claimed_by(holder) return { 'claimed', holder, state_of(holder) } end

-- Rules that name another offering. The claim that holds it is remembered, its state is that of now.
local IN_THE_WAY = { group = true, clash = true }

local function refuse_by_rule(c, rule)
  local holder = IN_THE_WAY[rule[1]] and redis.call('HGET', holders_key(c.kind, rule[2]), c.user)
  if not holder then return refuse(c, rule) end
  rule[3] = holder
  refuse(c, rule)
  rule[4] = state_of(holder)
  return rule
end

local function refused_before(code, detail)
  local verdict = { 'refused', code }
  for one in string.gmatch(detail or '', '[^|]+') do verdict[#verdict + 1] = one end
  if IN_THE_WAY[code] and verdict[4] then verdict[5] = state_of(verdict[4]) end
  return verdict
end

-- A seat where nobody waits, else a place in the line of the last pool, else nothing: (pool, hold) or (nil, refusal).
local function take_seat_or_line(c)
  local last
  for name in string.gmatch(c.pools, '[^|]+') do
    local p = pool_of(c.o, name)
    if p.seats > p.seated and p.waiting + p.queued <= 0 then
      p.seated = p.seated + 1
      return name, 'seat'
    end
    last = name
  end
  local p = last and pool_of(c.o, last)
  if p and c.line_ok == '1' and p.line > p.queued then
    p.queued = p.queued + 1
    return last, 'line'
  end
  return nil, 'sold_out'
end

-- A fair opening promises nobody anything: the claim is recorded, one per person, and decided by its lot.
local function set_aside(ctx, c)
  redis.call('HSET', holders_key(c.kind, c.offering), c.user, c.id)
  redis.call('HSET', 'sr:c:' .. c.id, 'b', c.pools)
  redis.call('SADD', 'sr:aside', c.id)
  return store(ctx, c, string.match(c.pools, '[^|]+$'), 'any', '')
end

-- The user's live claim on an offering, to be ended: its id, or (nil, refusal).
local function to_be_ended(ctx, o, user)
  local target = redis.call('HGET', holders_key(o.kind, o.offering), user)
  if not target then return nil, { 'nothing' } end
  if ctx.now >= o.cancel_until then return nil, { 'too_late' } end
  local f = redis.call('HMGET', 'sr:c:' .. target, 'c', 's', 'a')
  if f[1] then return nil, claimed_by(f[1]) end
  -- Both or neither: what a swap takes cannot be given up before it is known whether it was taken.
  if f[2] == 'pending' and f[3] ~= 'book' then return nil, claimed_by(target) end
  return target
end

local function given_up(ctx, c)
  local target, refusal = to_be_ended(ctx, c.dropped, c.user)
  if not refusal then return target end
  if refusal[1] == 'nothing' then return nil, refusal end -- not for good: this server may be about to hear of it
  if refusal[1] ~= 'claimed' then return nil, refuse(c, refusal) end
  remember_refusal(c, 'claimed', refusal[2])
  return nil, refusal
end

local function window_refusal(ctx, c)
  if c.o.frozen then return { 'frozen' } end
  local opens = math.max(c.o.opens, c.not_before)
  if ctx.now < opens then return { 'not_open', opens } end
  return ctx.now >= c.o.closes and { 'closed' } or nil
end

-- Both a plain claim and a swap, which names in `drops` what it gives up: judged as if that were gone, and only for a seat.
local function book(ctx, c)
  local shut = window_refusal(ctx, c)
  if shut then return shut end
  local hkey, target = holders_key(c.kind, c.offering), ''
  local holder = redis.call('HGET', hkey, c.user)
  if holder then
    remember_refusal(c, 'claimed', holder)
    return claimed_by(holder)
  end
  if c.dropped then
    local refusal
    target, refusal = given_up(ctx, c)
    if refusal then return refusal end
  end
  local account = c.o.scope ~= '' and not c.o.fair and account_of(ctx, c.kind, c.o.scope, c.user)
  if account and not account.limit then return { 'unknown_account' } end
  local lkey = 'sr:lim:' .. c.user .. ':' .. c.kind .. ':' .. c.offering
  if ctx.interval > 0 and not redis.call('SET', lkey, '1', 'NX', 'PX', ctx.interval) then
    return { 'throttled', 'offering', redis.call('PTTL', lkey) }
  end
  local scope, wait = token_wait(ctx, c)
  if wait > 0 then
    redis.call('DEL', lkey) -- a throttled attempt was none: the retry must not meet the 10 s limit
    return { 'throttled', scope, wait }
  end
  if c.o.fair then return set_aside(ctx, c) end
  local rule = account and rule_against(account, c.o, c.waives, c.drops)
  if rule then
    redis.call('DEL', lkey) -- whoever drops the other course must not wait to take this one
    return refuse_by_rule(c, rule)
  end
  local pool, hold = take_seat_or_line(c)
  if not pool then return refuse(c, { hold }) end
  redis.call('HSET', hkey, c.user, c.id)
  if account then account_take(account, c, hold) end
  if c.dropped then redis.call('HSET', 'sr:c:' .. target, 'c', c.id) end
  return store(ctx, c, pool, hold, target)
end

local function cancel(ctx, c)
  local target, refusal = to_be_ended(ctx, c.o, c.user)
  if refusal then return refusal end
  local wait = user_wait(ctx, c.user)
  if wait > 0 then return { 'throttled', 'user', wait } end
  redis.call('HSET', 'sr:c:' .. target, 'c', c.id)
  return store(ctx, c, redis.call('HGET', 'sr:c:' .. target, 'p') or '0', 'none', target)
end

local function replayed(c)
  local f = redis.call('HMGET', 'sr:c:' .. c.id, 's', 'f', 'r', 'q', 't', 'p', 'h', 'g')
  if not f[1] then return nil end
  if f[2] and f[2] ~= c.fingerprint then return { 'reused' } end
  if f[1] == 'refused' and f[3] == 'claimed' then return claimed_by(f[8]) end
  if f[1] == 'refused' then return refused_before(f[3], f[8]) end
  if f[1] == 'pending' then return { 'again', f[4], f[5], f[6], f[7], f[8] or '' } end
  return { 'replay', f[4] }
end

local function decide(ctx, c)
  c.o = offering_of(ctx, c.kind, c.offering)
  if not c.o then return not_loaded(ctx, c, c.offering) end
  if c.action == 'cancel' then return cancel(ctx, c) end
  if c.action ~= 'book' then
    c.drops = string.match(c.action, '^swap:(%d+)$')
    c.dropped = offering_of(ctx, c.kind, c.drops)
    if not c.dropped then return not_loaded(ctx, c, c.drops) end
  end
  return book(ctx, c)
end

local function admit_one(ctx, args, at)
  local c = { id = args[at], kind = args[at + 1], action = args[at + 2], user = args[at + 3], offering = args[at + 4],
              pools = args[at + 5], line_ok = args[at + 6], fingerprint = args[at + 7], not_before = tonumber(args[at + 8]),
              cart = args[at + 9], waives = args[at + 10] }
  local cart = cart_of(ctx, c)
  if cart and cart.known and cart.known ~= c.fingerprint then return { 'reused' } end
  local again = replayed(c)
  if again then return again end
  local verdict = decide(ctx, c)
  if cart then cart.keep = cart.keep or c.keep_cart end
  return verdict
end

redis.register_function('sr_admit', function(_, args)
  local fault = epoch_fault(args[1])
  if fault then return fault end
  local ctx = { now = now_ms(), interval = tonumber(args[2]), emission = tonumber(args[3]),
                burst = tonumber(args[4]), offerings = {}, accounts = {}, carts = {} }
  local replies = {}
  for i = 1, tonumber(args[5]) do
    replies[i] = admit_one(ctx, args, 6 + (i - 1) * FIELDS)
  end
  for _, o in pairs(ctx.offerings) do
    if o then write_back(o) end
  end
  write_accounts(ctx)
  keep_carts(ctx)
  if ctx.bucket then redis.call('HSET', 'sr:bucket', 'tokens', ctx.bucket.tokens, 'at', ctx.now) end
  return replies
end)
