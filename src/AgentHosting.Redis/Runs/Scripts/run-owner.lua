-- include run-core
-- Reads whose a run is. ARGV 3: run id. Reply: its submission as JSON, or nothing.
return S.done(redis.call('HGET', T .. 'r:' .. ARGV[3], 'sub'))
