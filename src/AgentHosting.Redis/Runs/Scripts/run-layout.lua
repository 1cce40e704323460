-- include run-core
-- Writes down in how many partitions the queue is kept, where nobody has done so before. ARGV 3: the number that the caller uses. Reply: the number that holds.
local known = redis.call('HGET', T .. 'layout', 'partitions')
if not known then
  -- Only then: it is refused while the memory is full.
  redis.call('HSET', T .. 'layout', 'partitions', ARGV[3])
end
return S.done(tonumber(known or ARGV[3]))
