-- include run-core
-- Writes down in how many partitions the queue is kept, where nobody has done so before. ARGV 3: the number that the caller uses. Reply: the number that holds.
redis.call('HSETNX', T .. 'layout', 'partitions', ARGV[3])
return S.done(tonumber(redis.call('HGET', T .. 'layout', 'partitions')))
