-- include time
-- include spend-holds
-- Puts off the end of a lease, and notes what the request has used.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: id; 3: output so far; 4: its cost as text, or -; 5: in nanos; 6: lease in microseconds;
-- 7: the most tokens that counters are made for.
-- Reply: 1 when it is open, 0 when not, -1 when its tokens would be too many, and nothing is changed.
local now = time_of(ARGV[1])
local r = redis.call('HGET', root .. 'h:' .. ARGV[2], 'r')
if not r then
  return 0
end
if tonumber(ARGV[3]) > tonumber(ARGV[7]) - cjson.decode(r).i then
  return -1
end
-- Freed first, so that a server that is full lets the rest pass.
redis.call('ZREM', root .. 'x', ARGV[2])
redis.call('ZADD', root .. 'x', now + tonumber(ARGV[6]), ARGV[2])
redis.call('HSET', root .. 'h:' .. ARGV[2], 'so', ARGV[3], 'sc', ARGV[4], 'sn', ARGV[5])
return 1
