-- include run-journal
-- include run-events
-- Journals a step with its events. ARGV 3: run id. 4: token. 5: key. 6: flag. 7: JSON. 8: payload. 9: version. 10: '1' for effects. 11: cost. 12: usage. From 13 on: events. Reply: outcome.
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(WRITE.lost)
end
if not S.add_step(run, ARGV[5], ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10] == '1', ARGV[11], ARGV[12]) then
  return S.done(WRITE.already)
end
S.publish_from(run, 13)
return S.done(WRITE.committed)
