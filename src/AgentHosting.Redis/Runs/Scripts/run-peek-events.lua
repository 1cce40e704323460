-- include run-core
-- Whether a run may have an event after one. ARGV 3: run id. 4: its number. Reply: 1, also where the run has ended or is unknown, or 0.
local run = S.load(ARGV[3])
if not run or S.is_ended(run) then
  return S.done(1)
end
return S.done(run.fold + redis.call('LLEN', T .. 'e:' .. run.id) > tonumber(ARGV[4]) and 1 or 0)
