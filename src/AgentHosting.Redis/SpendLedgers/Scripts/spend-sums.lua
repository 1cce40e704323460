-- include spend-book
-- Reads a few sums of a day.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the day; 2: the number of the first; 3: how many at most.
-- Reply: for each { by whom, requests, estimated, without a price, input, output, cached, units, digits after the point in three parts }.
local day, from = ARGV[1], tonumber(ARGV[2])
local reply = {}
for i, by_whom in ipairs(redis.call('LRANGE', root .. 'l:' .. day, from, from + tonumber(ARGV[3]) - 1)) do
  local sum = redis.call('HMGET', root .. 'v:' .. day .. ':' .. fmt(from + i - 1), 'n', 'e', 'u', 'i', 'o', 'a', 'w', 'x', 'y', 'z')
  local one = { by_whom }
  for n = 1, 10 do
    one[n + 1] = sum[n] or '0'
  end
  reply[i] = one
end
return reply
