-- include run-core
-- Whether there may be something to claim. Reply: 1 where a run is ready, when the next one will be (false for never), and the time now.
local ready = redis.call('EXISTS', T .. 'turns')
local function first(index)
  local entry = redis.call('ZRANGE', T .. index, 0, 0, 'WITHSCORES')
  return entry[2] and tonumber(entry[2]) or NEVER
end
local due = math.min(first('delayed'), first('waiting'))
return S.done({ready, due < NEVER and int(due) or false, int(now)})
