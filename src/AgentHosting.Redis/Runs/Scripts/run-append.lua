-- include run-events
-- Adds events outside a step. ARGV 3: run id. 4: token. 5: number of the batch. From 6 on: events. Reply: outcome.
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(WRITE.lost)
end
if tonumber(ARGV[5]) <= run.batch then
  return S.done(WRITE.already)
end
S.set(run, 'batch', tonumber(ARGV[5]))
S.publish_from(run, 6)
return S.done(WRITE.committed)
