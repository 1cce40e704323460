-- include run-end
-- Lays a run aside until one of its waits is answered. ARGV 3: run id. 4: token. 5: cost. Reply: outcome.
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(S.ended_by(ARGV[3], ARGV[4], 'rtoken'))
end
S.set(run, 'rtoken', ARGV[4])
S.add_cost(run, ARGV[5])
S.end_attempt(run, false, false, true)
S.answer_due(run)
-- Of this attempt nothing is under way. What one before it began may be.
redis.call('SINTERSTORE', T .. 'b:' .. run.id, T .. 'b:' .. run.id, T .. 'bb:' .. run.id)
if run.cancel then
  S.end_run(run, STATUS.cancelled)
elseif run.expires <= now then
  S.expire(run)
else
  S.displace(run)
  if not run.newanswer and S.has_open(run) and S.is_superseded(run) then
    S.supersede(run)
  end
  if S.is_ended(run) then
    return S.done(WRITE.committed)
  end
  if run.newanswer or not S.has_open(run) then
    S.place(run)
  else
    S.lay_aside(run)
  end
end
return S.done(WRITE.committed)
