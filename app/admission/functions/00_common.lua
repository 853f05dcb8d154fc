-- Shared by every function of the library. All times are epoch milliseconds by Redis's own clock.
--
-- sr:epoch                        fencing epoch; absent = Redis lost its data, rebuild
-- sr:run                          run id of the server that the data was loaded into; another one = it may be stale
-- sr:format                       form of the data; another one than the application's = rebuild
-- sr:begun                        when the epoch was opened
-- sr:filling:<epoch>              while the last steps of a rebuild are not done; the data may be used meanwhile
-- sr:draining                     while claims of before the epoch are on their way: no offering may be loaded yet
-- sr:partial                      from then on until every offering is loaded: what a person holds is not all there yet
-- sr:flush                        epoch of the rebuild that asks all hosts for their spools
-- sr:flushed:<epoch>              set: hosts whose spool was empty after that
-- sr:bucket                       hash: rate, burst, tokens, at           (global token bucket)
-- sr:o:<kind>:<offering>          hash: opens closes cancel_until frozen version seq, traits (scope group weight slots
--                                 needs, see 05_accounts.lua), next (the opening after this one), and per pool
--                                 s:<pool> seats left, l:<pool> places left in the line, w:<pool> waiting,
--                                 c:<pool> capacity, n:<pool> line capacity, z:<pool> version of these sizes,
--                                 m:<pool> promotions under way,
--                                 x:<pool>:<withdrawal> "seats:places" taken out ahead of a smaller size
-- sr:changed                      set: <kind>:<offering> whose counters moved since they were last announced
-- sr:wanted:<kind>:<offering>     somebody loads this offering now
-- sr:loaded                       set: <kind>:<offering> of every offering that is loaded
-- sr:u:<kind>:<offering>          hash: user -> id of the live claim
-- sr:c:<claim>                    hash: k o u p a s v h q t f r d g (kind offering user pool action state version hold
--                                 sequence admitted_at fingerprint reason decided_at target), c cancelled by; the action of
--                                 a swap that is pending is "swap:<offering it gives up>",
--                                 b pools to try ("a|b") of a claim that was recorded without a verdict
-- sr:pending                      zset: claim -> admitted_at
-- sr:mine:<user>                  set: the user's pending claims
-- sr:line:<kind>:<offering>:<pool> zset: <sequence, 12 digits><waitlisted claim> -> admitted_at; equal scores sort by name
-- sr:aside                        set: claims of fair openings that may not be stored in MariaDB yet
-- sr:scopes                       set: <kind>:<scope> of which there are accounts
-- sr:rosters                      hash: <kind>:<scope> -> "<epoch>:<mark of the scope>" when all accounts in it were handed over
-- sr:a:<kind>:<scope>:<user>      hash: a person's account in a scope, see 05_accounts.lua
-- sr:cart:<cart>                 fingerprint of a cart of which some claim was kept: the same key with another body is refused
-- sr:lim:<user>:<kind>:<offering> the per-user interval between attempts
-- sr:tat:<user>                   GCRA theoretical arrival time of the user's bucket

local KEEP_FINAL_S = 7 * 86400
local KEEP_REFUSAL_S = 600
local KEEP_CART_S = 86400
local LOAD_WITHIN_MS = 2000
local GENERAL = '0' -- the pool in whose line everybody waits, for reserved seats too

local function now_ms()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- nil when `given` ("<epoch>:<run id of the server>") fits the data, else an error reply that says why not. A server
-- that was started again may have forgotten its last writes, however healthy its counters look: it must be rebuilt.
local function epoch_fault(given)
  local current = tonumber(redis.call('GET', 'sr:epoch') or '')
  if not current then return redis.error_reply('NOEPOCH this Redis must be rebuilt') end
  local epoch, run = string.match(given, '^(%d+):(.*)$')
  if tonumber(epoch) < current then return redis.error_reply('EPOCH ' .. current) end
  if tonumber(epoch) > current then return redis.error_reply('STALE ' .. current) end
  if run ~= redis.call('GET', 'sr:run') then return redis.error_reply('NOEPOCH another run of the server') end
  return nil
end

local function offering_key(kind, offering) return 'sr:o:' .. kind .. ':' .. offering end
local function holders_key(kind, offering) return 'sr:u:' .. kind .. ':' .. offering end
local function line_key(kind, offering, pool) return 'sr:line:' .. kind .. ':' .. offering .. ':' .. pool end

local function note_change(kind, offering) redis.call('SADD', 'sr:changed', kind .. ':' .. offering) end

-- The order of a line is MariaDB's: admitted_at, then sequence, then id.
local function line_member(sequence, id) return string.format('%012d', tonumber(sequence) or 0) .. id end

-- What a claim holds of its pool moves the pool's counters; absent pools are never invented.
local function give_back(okey, pool, hold)
  if hold == 'seat' then redis.call('HINCRBY', okey, 's:' .. pool, 1) end
  if hold == 'line' then
    redis.call('HINCRBY', okey, 'l:' .. pool, 1)
    redis.call('HINCRBY', okey, 'w:' .. pool, -1)
  end
end

local function take(okey, pool, hold)
  if hold == 'seat' then redis.call('HINCRBY', okey, 's:' .. pool, -1) end
  if hold == 'line' then
    redis.call('HINCRBY', okey, 'l:' .. pool, -1)
    redis.call('HINCRBY', okey, 'w:' .. pool, 1)
  end
end

-- What was taken out ahead of a smaller size comes back: together with that size, or because the edit failed. Each
-- withdrawal ends once, whoever says so first, and moves nothing but what it took: it commutes with every size.
local function end_withdrawal(okey, pool, withdrawal)
  local field = 'x:' .. pool .. ':' .. withdrawal
  local seats, places = string.match(redis.call('HGET', okey, field) or '', '^(%d+):(%d+)$')
  if not seats then return 0 end
  redis.call('HDEL', okey, field)
  redis.call('HINCRBY', okey, 's:' .. pool, seats)
  redis.call('HINCRBY', okey, 'l:' .. pool, places)
  return 1
end

local function remember_pending(id, user, now)
  redis.call('ZADD', 'sr:pending', now, id)
  redis.call('SADD', 'sr:mine:' .. user, id)
end
