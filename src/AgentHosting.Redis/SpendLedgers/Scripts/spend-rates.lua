-- include spend-counters
-- How fast money is spent, by rule and scope:
--   r:RULE|TENANT|ID  hash. f: first period; p: the current one; a: spent in it; b: spent in those before it, and a number what was spent in that one; t: the period in
--                     which it was told; l, n: length of a period in microseconds, with how many before it is compared
-- A rule is { key, text, length of a period, periods, factor, least }.
local function watch(rule, nanos, now, account, findings)
  local key, length, most = root .. rule[1], rule[3], rule[4]
  local f = redis.call('HMGET', key, 'f', 'p', 'a', 'b', 't')
  local at = math.floor(now / length)
  local first, period, spent, sum = tonumber(f[1] or '0'), tonumber(f[2] or '0'), tonumber(f[3] or '0'), tonumber(f[4] or '0')
  if not f[1] or at - period > most then
    -- Longer than the whole baseline without a spend: there is nothing to compare with, as after a sweep that forgot it.
    redis.call('DEL', key)
    redis.call('HSET', key, 'l', rule[3], 'n', most)
    redis.call('ZADD', root .. 'old', 'NX', (at + most + 1) * length, rule[1])
    first, period, spent, sum = at, at, 0, 0
  elseif at > period then
    local names = {}
    for number = period - most, at - 1 - most do
      names[#names + 1] = fmt(number)
    end
    for _, was in ipairs(redis.call('HMGET', key, unpack(names))) do
      sum = sum - tonumber(was or '0')
    end
    redis.call('HDEL', key, unpack(names))
    redis.call('HSET', key, fmt(period), spent)
    sum = sum + spent
    period, spent = at, 0
  end
  spent = spent + nanos
  redis.call('HSET', key, 'f', first, 'p', period, 'a', spent, 'b', sum)
  local known = math.min(period - first, most)
  if tonumber(f[5] or '-1') == period or spent < rule[6] or known < math.max(1, math.floor(most / 4)) then
    return
  end
  local usual = sum / known
  if spent > usual * rule[5] then
    redis.call('HSET', key, 't', period)
    findings[#findings + 1] = { 'a', account, rule[2], fmt(spent), fmt(math.floor(usual)), fmt(period) }
  end
end
