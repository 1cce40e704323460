-- include run-events
-- Adds events outside a step. ARGV 3: run id. 4: token. 5: the step that the attempt has committed last, or nothing. 6: number of the batch. From 7 on: events. Reply: outcome.
S.write_even_if_full()
local run = S.held_after(ARGV[3], ARGV[4], ARGV[5])
if not run then
  return S.done(WRITE.lost)
end
if tonumber(ARGV[6]) <= run.batch then
  return S.done(WRITE.already)
end
S.set(run, 'batch', tonumber(ARGV[6]))
S.publish_from(run, 7)
return S.done(WRITE.committed)
