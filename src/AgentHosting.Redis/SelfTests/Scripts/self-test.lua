-- include time
-- Counts, in a way that loses a count where another script runs in between.
-- KEYS 1: the counter. ARGV 1: the time in tests, or nothing. Reply: what was counted before.
-- Carried out twice it counts twice; it is part of the self-test alone, and its key lasts for a minute.
time_of(ARGV[1])
local before = cjson.decode(redis.call('GET', KEYS[1]) or '{"n":0}')
local busy = 0
for i = 1, 2000 do
  busy = busy + i
end
redis.call('SET', KEYS[1], cjson.encode({ n = before.n + 1 }), 'PX', 60000)
return before.n
