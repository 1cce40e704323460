-- include run-journal
-- include run-events
-- Journals a step with its events. ARGV 3: run id. 4: token. 5: the step that the attempt has committed last, or nothing. 6: key. 7: flag. 8: JSON. 9: payload. 10: version. 11: '1' for effects. 12: cost. 13: usage. From 14 on: events. Reply: outcome.
S.write_even_if_full()
local run = S.held_after(ARGV[3], ARGV[4], ARGV[5])
if not run then
  return S.done(WRITE.lost)
end
if not S.add_step(run, ARGV[6], ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11] == '1', ARGV[12], ARGV[13]) then
  return S.done(WRITE.already)
end
S.publish_from(run, 14)
return S.done(WRITE.committed)
