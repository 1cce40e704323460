-- include run-end
-- Says that the attempt needs an answer. ARGV 3: run id. 4: token. 5: the step that the attempt has committed last, or nothing. 6: key. 7: request id. 8: kind. 9: name. 10: timeout, or nothing. 11: the rest as JSON. 12 and 13: the answers when
-- the time is up and when it is superseded, packed, or nothing. From 14 on: events. Reply: outcome, and JSON and payload of the answer where there is one.
S.write_even_if_full()
local run = S.held_after(ARGV[3], ARGV[4], ARGV[5])
if not run then
  return S.done({WRITE.lost, false})
end
S.answer_due(run)
local known = S.find_step(run, ARGV[6])
if known then
  return S.done({WRITE.already, known})
end
for _, wait in ipairs(S.open_waits(run)) do
  if wait.k == ARGV[6] then
    return S.done({WRITE.already, false})
  end
end
local wait = {k = ARGV[6], r = ARGV[7], kd = tonumber(ARGV[8]), n = ARGV[9], c = now, b = ARGV[11]}
if ARGV[12] ~= '' then
  wait.w = cmsgpack.unpack(ARGV[12])
end
if ARGV[13] ~= '' then
  wait.s = cmsgpack.unpack(ARGV[13])
end
if ARGV[10] ~= '' and wait.w then
  wait.d = after(now, tonumber(ARGV[10]))
end
local packed = cmsgpack.pack(wait)
redis.call('RPUSH', T .. 'w:' .. run.id, packed)
wait.packed = packed
S.publish_from(run, 14)
local kept = S.is_event(wait) and S.take_kept(run, wait.n)
if kept then
  local had_answer = run.newanswer
  S.answer(run, wait, S.raised(wait, kept))
  -- The attempt is told of it here.
  if not had_answer then
    S.unset(run, 'newanswer')
  end
  return S.done({WRITE.committed, S.find_step(run, wait.k)})
end
return S.done({WRITE.committed, false})
