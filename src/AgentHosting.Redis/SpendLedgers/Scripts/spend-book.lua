-- include spend-rates
-- What was spent: sums by day and by whom, and the latest requests.
--   days       sorted set of days since 1970
--   d:DAY      hash: by whom -> number of the sum; l:DAY: list of the same, in the order of their numbers
--   v:DAY:N    hash, one sum. n: requests; e: estimated; u: without a price; i, o, a: tokens of input, output and from the cache; w: whole units of money, x, y, z: the
--              10, 9 and 9 digits after the point. Each is added to for itself and carried over by the reader, so that no digit is lost.
--   rows       list, the latest last: "TIME SETTLEMENT\nACCOUNT\nID"; rows:n: how many there ever were
-- A settlement is the text "INPUT OUTPUT CACHED WRITTEN REASONING ESTIMATED OUTCOME COST", the cost in digits, or - where it is unknown.
local function digits(text, from, to)
  return tonumber(string.sub(text .. string.rep('0', to - #text), from, to))
end

local function increase(key, field, number)
  if number ~= 0 then
    redis.call('HINCRBY', key, field, fmt(number))
  end
end

local function add_to_sum(sum, settlement, times)
  local key = root .. sum
  local input, output, cached, estimated, cost = string.match(settlement, '^(%d+) (%d+) (%d+) %d+ %d+ (%d) %d+ (%S+)$')
  redis.call('HINCRBY', key, 'n', times)
  increase(key, 'i', input * times)
  increase(key, 'o', output * times)
  increase(key, 'a', cached * times)
  increase(key, 'e', estimated * times)
  if cost == '-' then
    redis.call('HINCRBY', key, 'u', times)
    return
  end
  local whole, rest = string.match(cost, '^(%d+)%.?(%d*)$')
  increase(key, 'w', whole * times)
  increase(key, 'x', digits(rest, 1, 10) * times)
  increase(key, 'y', digits(rest, 11, 19) * times)
  increase(key, 'z', digits(rest, 20, 28) * times)
end

local function sum_of(by_whom, now)
  local day = fmt(math.floor(now / 86400000000))
  local number = redis.call('HGET', root .. 'd:' .. day, by_whom)
  if not number then
    redis.call('ZADD', root .. 'days', day, day)
    number = fmt(redis.call('RPUSH', root .. 'l:' .. day, by_whom) - 1)
    redis.call('HSET', root .. 'd:' .. day, by_whom, number)
  end
  return 'v:' .. day .. ':' .. number
end

local function row_of(id, account, settlement, at)
  return at .. ' ' .. settlement .. '\n' .. account .. '\n' .. id
end

-- Reply: the sum, and the number of the row.
local function write(id, by_whom, account, settlement, now, most_rows)
  local sum = sum_of(by_whom, now)
  add_to_sum(sum, settlement, 1)
  if most_rows == 0 then
    return sum, 0
  end
  redis.call('RPUSH', root .. 'rows', row_of(id, account, settlement, fmt(now)))
  redis.call('LTRIM', root .. 'rows', -most_rows, -1)
  return sum, redis.call('INCR', root .. 'rows:n')
end

-- Puts a settlement in the place of an estimate. A sum that was forgotten, and a row that newer ones have taken the place of, are left alone.
local function rewrite(sum, row, estimate, id, account, settlement, at)
  if redis.call('EXISTS', root .. sum) == 1 then
    add_to_sum(sum, estimate, -1)
    add_to_sum(sum, settlement, 1)
  end
  local back = tonumber(redis.call('GET', root .. 'rows:n') or '0') - row
  if row > 0 and back < redis.call('LLEN', root .. 'rows') then
    redis.call('LSET', root .. 'rows', -back - 1, row_of(id, account, settlement, at))
  end
end
