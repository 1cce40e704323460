-- include run-end
-- Cancels a run, or asks its worker to. ARGV 3: run id. Reply: outcome.
local CANCELLED, REQUESTED, TERMINAL, NOT_FOUND = 0, 1, 2, 3
local run = S.load(ARGV[3])
if not run then
  return S.done(NOT_FOUND)
end
if S.is_ended(run) then
  return S.done(TERMINAL)
end
if run.place ~= 'running' then
  S.end_run(run, STATUS.cancelled)
  return S.done(CANCELLED)
end
S.set(run, 'cancel', '1')
redis.call('PUBLISH', T .. 'cancel', run.id)
return S.done(REQUESTED)
