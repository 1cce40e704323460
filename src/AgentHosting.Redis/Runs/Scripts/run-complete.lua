-- include run-end
-- Ends a run. ARGV 3: run id. 4: token. 5: status. 6: '1' and the result, or nothing. 7: the error as JSON, or nothing. 8: cost. 9: version. 10: the session's messages, or nothing. 11: the step that the attempt has committed last, or nothing. Reply: outcome.
S.write_even_if_full()
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(S.ended_by(ARGV[3], ARGV[4], 'ctoken'))
end
local status = tonumber(ARGV[5])
-- A failed run may be requeued with its journal, and go on from it.
if status == STATUS.failed and not S.held_after(ARGV[3], ARGV[4], ARGV[11]) then
  return S.done(WRITE.lost)
end
S.set(run, 'ctoken', ARGV[4])
if run.skey and ARGV[10] ~= '' then
  S.add_turn(run, {'M', tonumber(ARGV[9]), ARGV[10]})
end
S.add_cost(run, ARGV[8])
S.end_attempt(run, status == STATUS.failed)
S.end_run(run, status, ARGV[6] ~= '' and string.sub(ARGV[6], 2) or nil, ARGV[7] ~= '' and ARGV[7] or nil, true)
return S.done(WRITE.committed)
