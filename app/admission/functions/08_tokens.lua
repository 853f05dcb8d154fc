-- What a claim costs: a token of its user's bucket and one of everybody's; a cart costs one of each for all of it.

-- GCRA: one number per user is the whole bucket. Returns the wait in ms, 0 when a token was taken.
local function user_wait(ctx, user)
  if ctx.emission <= 0 then return 0 end
  local key = 'sr:tat:' .. user
  local tat = math.max(tonumber(redis.call('GET', key) or '0'), ctx.now)
  local next_tat = tat + ctx.emission
  local wait = next_tat - ctx.emission * ctx.burst - ctx.now
  if wait > 0 then return math.ceil(wait) end
  redis.call('SET', key, next_tat, 'PX', math.ceil(next_tat - ctx.now) + 1000)
  return 0
end

-- The global bucket is read once a batch and written back at its end.
local function global_wait(ctx)
  local bucket = ctx.bucket
  if not bucket then
    local f = redis.call('HMGET', 'sr:bucket', 'rate', 'burst', 'tokens', 'at')
    local rate, burst = tonumber(f[1] or '0'), tonumber(f[2] or '0')
    local since = math.max(0, ctx.now - tonumber(f[4] or ctx.now))
    bucket = { rate = rate, tokens = math.min(burst, tonumber(f[3] or burst) + since * rate / 1000) }
    ctx.bucket = bucket
  end
  if bucket.rate <= 0 then return 1000 end
  if bucket.tokens >= 1 then
    bucket.tokens = bucket.tokens - 1
    return 0
  end
  return math.ceil(1000 / bucket.rate)
end

-- A cart is known by its first claim that was kept, accepted or refused; `known`: what it looked like then.
local function cart_of(ctx, c)
  local cart = ctx.carts[c.cart]
  if cart == nil then
    cart = c.cart ~= '' and { known = redis.call('GET', 'sr:cart:' .. c.cart), fingerprint = c.fingerprint } or false
    ctx.carts[c.cart] = cart
  end
  return cart
end

-- (bucket, ms to wait), 0 when there was a token; a cart has one for all of it.
local function token_wait(ctx, c)
  local cart = cart_of(ctx, c)
  if cart and cart.known then return 'user', 0 end -- it has paid
  if cart and cart.scope then return cart.scope, cart.wait end
  local scope, wait = 'user', user_wait(ctx, c.user)
  if wait == 0 then scope, wait = 'global', global_wait(ctx) end
  if cart then cart.scope, cart.wait = scope, wait end
  return scope, wait
end

local function keep_carts(ctx)
  for id, cart in pairs(ctx.carts) do
    if cart and cart.keep and not cart.known then
      redis.call('SET', 'sr:cart:' .. id, cart.fingerprint, 'EX', KEEP_CART_S)
    end
  end
end
