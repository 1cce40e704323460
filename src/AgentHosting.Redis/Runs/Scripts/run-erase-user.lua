-- include run-end
-- include run-idempotency
-- Erases runs of a user, and then sessions. ARGV 3: the owner. 4: how many at most. Reply: runs, sessions, running ones that were asked to end, and 1 where nothing is left.
S.write_even_if_full()
local index, limit = T .. 'or:' .. ARGV[3], tonumber(ARGV[4])
local runs, running, more, from = {}, 0, false, 0
while not more do
  local ids = redis.call('ZRANGE', index, from, from + 99)
  for _, id in ipairs(ids) do
    local run = S.load(id)
    if run.place == 'running' then
      S.set(run, 'cancel', '1')
      redis.call('PUBLISH', T .. 'cancel', run.id)
      running = running + 1
    elseif #runs < limit then
      runs[#runs + 1] = run
    else
      more = true
      break
    end
  end
  if #ids < 100 then
    break
  end
  from = from + 100
end
for _, run in ipairs(runs) do
  S.forget_idempotency_key(run)
  S.erase(run)
end
local sessions = 0
if not more then
  for _, session in ipairs(redis.call('ZRANGE', T .. 'os:' .. ARGV[3], 0, limit + running)) do
    -- One with a run has it at a worker.
    if redis.call('EXISTS', T .. 'sr:' .. session) == 0 then
      if #runs + sessions == limit then
        more = true
        break
      end
      S.remove_session(session)
      sessions = sessions + 1
    end
  end
end
return S.done({#runs, sessions, running, (more or running > 0) and 0 or 1})
