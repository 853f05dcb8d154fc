-- The offerings and pools that a batch of claims meets, while it is decided.

-- The next opening begins to count by the clock alone; whoever describes the offering anew comes a moment later.
local function go_over(o, following)
  local opens, closes, cancel_until, frozen, fair = string.match(following, '^(%d+):(%d+):(%d+):([01]):([01])$')
  if not opens then return end
  o.opens, o.closes, o.cancel_until = tonumber(opens), tonumber(closes), tonumber(cancel_until)
  o.frozen, o.fair = frozen == '1', fair == '1'
end

-- What a batch reads and moves of an offering is read once and written back at its end: nothing comes in between.
local function offering_of(ctx, kind, offering)
  local okey = offering_key(kind, offering)
  local o = ctx.offerings[okey]
  if o == nil then
    local f = redis.call('HMGET', okey, 'opens', 'closes', 'cancel_until', 'frozen', 'seq', 'next', unpack(TRAITS))
    o = f[1] and { key = okey, kind = kind, offering = offering, opens = tonumber(f[1]), closes = tonumber(f[2]), cancel_until = tonumber(f[3]),
                   frozen = f[4] == '1', sequence = tonumber(f[5] or '0'), admitted = 0, pools = {},
                   scope = f[7], group = f[8], weight = tonumber(f[9]), slots = f[10], needs = f[11], fair = f[12] and f[12] ~= '' } or false
    if o and f[6] and ctx.now >= o.closes then go_over(o, f[6]) end
    ctx.offerings[okey] = o
  end
  return o
end

local function pool_of(o, name)
  local p = o.pools[name]
  if p == nil then
    local f = redis.call('HMGET', o.key, 's:' .. name, 'w:' .. name, 'l:' .. name)
    p = { seats = tonumber(f[1] or '0'), waiting = tonumber(f[2] or '0'), line = tonumber(f[3] or '0'),
          seated = 0, queued = 0 }
    o.pools[name] = p
  end
  return p
end

local function write_back(o)
  if o.admitted > 0 then
    redis.call('HINCRBY', o.key, 'seq', o.admitted)
    note_change(o.kind, o.offering)
  end
  for name, p in pairs(o.pools) do
    if p.seated > 0 then redis.call('HINCRBY', o.key, 's:' .. name, -p.seated) end
    if p.queued > 0 then
      redis.call('HINCRBY', o.key, 'l:' .. name, -p.queued)
      redis.call('HINCRBY', o.key, 'w:' .. name, p.queued)
    end
  end
end
