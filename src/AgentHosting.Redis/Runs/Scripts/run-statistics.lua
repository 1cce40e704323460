-- include run-end
-- Counts what is in the store. Reply: ready, blocked, waiting, running, retained, dead letters, age of the oldest ready run.
-- Where workers are started by these figures, nobody may be there to claim a delayed run that is due.
while #S.due('delayed', 1) > 0 do
  S.promote_delayed(1000)
end
while #S.due('waiting', 1) > 0 do
  S.answer_all_due(1000)
end
local function count(index)
  return redis.call('ZCARD', T .. index)
end
local oldest = redis.call('ZRANGE', T .. 'ready', 0, 0, 'WITHSCORES')
local dead = count('dead')
return S.done({
  count('ready'), counted('blocked') + count('delayed'), counted('waiting'), count('leases'), count('ended') + dead, dead, oldest[2] and int(now - tonumber(oldest[2])) or '0'})
