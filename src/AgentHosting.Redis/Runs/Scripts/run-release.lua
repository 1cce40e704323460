-- include run-end
-- Gives a run back to the queue. ARGV 3: run id. 4: token. 5: '1' for a failure, '2' for an attempt that was cut off. 6: delay. 7: cost. Reply: outcome.
S.write_even_if_full()
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(S.ended_by(ARGV[3], ARGV[4], 'rtoken'))
end
local failed, interrupted = ARGV[5] == '1', ARGV[5] == '2'
S.set(run, 'rtoken', ARGV[4])
S.add_cost(run, ARGV[7])
S.end_attempt(run, failed, false, not failed and not interrupted)
if run.cancel then
  S.end_run(run, STATUS.cancelled)
elseif run.expires <= now then
  S.expire(run)
else
  S.displace(run)
  S.set(run, 'notbefore', after(now, tonumber(ARGV[6])), 'delaylen', tonumber(ARGV[6]))
  S.place(run)
end
return S.done(WRITE.committed)
