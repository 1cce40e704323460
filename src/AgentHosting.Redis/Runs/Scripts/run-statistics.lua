-- include run-end
-- Counts what is in the store. Reply: ready, blocked, waiting, running, retained, dead letters, age of the oldest ready run, bytes of runs that are not done.
-- Where workers are started by these figures, nobody may be there to claim a delayed run that is due. Of very many that are due at once the rest is counted as if it were moved.
S.promote_delayed(1000)
S.answer_all_due(1000)
local due = redis.call('ZCOUNT', T .. 'delayed', '-inf', now)
local function count(index)
  return redis.call('ZCARD', T .. index)
end
local oldest = redis.call('ZRANGE', T .. 'ready', 0, 0, 'WITHSCORES')
local dead = count('dead')
return S.done({
  count('ready') + due, counted('blocked') + count('delayed') - due, counted('waiting'), count('leases'), count('ended') + dead, dead, oldest[2] and int(now - tonumber(oldest[2])) or '0', counted('bytes')})
