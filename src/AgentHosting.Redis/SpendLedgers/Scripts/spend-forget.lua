-- include time
-- include spend-holds
-- Forgets a little of what is over: counters and rates, estimates that are a day old, sums of days that are kept no longer.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: how many of each at most; 3: after how long a run or session without use is forgotten, in
-- microseconds; 4: how long sums are kept. Reply: how many it has looked at; 0 when nothing is left.
local now, few, idle = time_of(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local function counter_ends(key)
  local text = redis.call('HGET', key, 'v')
  if not text then
    return now
  end
  local v = cmsgpack.unpack(text)
  local ends = v[2] > 0 and v[2] + KEPT_BEYOND_END or v[10] + idle
  return v[9] > 0 and math.max(ends, now + KEPT_BEYOND_END) or ends
end
local function rate_ends(key)
  local f = redis.call('HMGET', key, 'p', 'l', 'n')
  return f[1] and (tonumber(f[1]) + tonumber(f[3]) + 1) * tonumber(f[2]) or now
end
local looked = 0
for _, name in ipairs(redis.call('ZRANGEBYSCORE', root .. 'old', '-inf', now, 'LIMIT', 0, few)) do
  local key = root .. name
  local ends = string.sub(name, 1, 1) == 'c' and counter_ends(key) or rate_ends(key)
  if ends <= now then
    redis.call('ZREM', root .. 'old', name)
    redis.call('UNLINK', key)
  else
    redis.call('ZADD', root .. 'old', ends, name)
  end
  looked = looked + 1
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', root .. 'est', '-inf', now - KEPT_ESTIMATES, 'LIMIT', 0, few)) do
  forget_estimate(id)
  looked = looked + 1
end
local oldest = math.floor((now - tonumber(ARGV[4])) / 86400000000)
local day = redis.call('ZRANGEBYSCORE', root .. 'days', '-inf', '(' .. fmt(oldest), 'LIMIT', 0, 1)[1]
if day then
  local left = redis.call('LLEN', root .. 'l:' .. day)
  for number = left - 1, math.max(0, left - few), -1 do
    redis.call('UNLINK', root .. 'v:' .. day .. ':' .. fmt(number))
    looked = looked + 1
  end
  redis.call('LTRIM', root .. 'l:' .. day, 0, math.max(0, left - few) - 1)
  if left <= few then
    redis.call('UNLINK', root .. 'd:' .. day, root .. 'l:' .. day)
    redis.call('ZREM', root .. 'days', day)
    looked = looked + 1
  end
end
return looked
