-- include run-end
-- include run-dump
-- Leases runs that are ready. leases: running runs by when their lease ends.
-- ARGV 3: most runs. 4: length of the lease. 5: version of the journal that the worker reads. 6: worker. 7: a nonce, which gets the run's place in the reply at its end. 8: most suspects. From 9 on: agent and room, in turn. Reply: the runs, as S.dump_claim.
-- A run that nobody may begin would never end and make room.
S.write_even_if_full()
local room = {}
for i = 9, #ARGV, 2 do
  room[ARGV[i]] = tonumber(ARGV[i + 1])
end
S.promote_delayed(64)
S.answer_all_due(64)
local claims = {}
local suspects = tonumber(ARGV[8])
while #claims < tonumber(ARGV[3]) do
  local run = S.take(room, tonumber(ARGV[5]), suspects > 0)
  if not run then
    break
  end
  redis.call('ZREM', T .. 'ready', member(run.num, run.id))
  if run.expires <= now then
    S.end_running(run)
    S.set(run, 'place', 'none')
    S.expire(run)
  else
    local epoch = run.epoch + 1
    S.unset(run, 'rtoken', 'newanswer')
    S.set(run, 'place', 'running', 'status', STATUS.running, 'epoch', epoch, 'attempts', run.attempts + 1, 'lease', int(epoch) .. ':' .. ARGV[6] .. ':' .. ARGV[7] .. '-' .. #claims,
      'batch', 0, 'delaylen', 0, 'started', run.started or now, 'attemptstart', now)
    redis.call('SUNIONSTORE', T .. 'bb:' .. run.id, T .. 'b:' .. run.id)
    S.lease(run, tonumber(ARGV[4]))
    room[run.agent] = room[run.agent] - 1
    suspects = suspects - (S.is_suspect(run) and 1 or 0)
    S.publish(run, 'B', int(run.attempts))
    claims[#claims + 1] = S.dump_claim(run)
  end
end
return S.done(claims)
