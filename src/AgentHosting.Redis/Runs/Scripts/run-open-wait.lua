-- include run-end
-- Says that the attempt needs an answer. ARGV 3: run id. 4: token. 5: key. 6: request id. 7: kind. 8: name. 9: timeout, or nothing. 10: the rest as JSON. 11 and 12: the answers when
-- the time is up and when it is superseded, packed, or nothing. From 13 on: events. Reply: outcome, and JSON and payload of the answer where there is one.
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done({WRITE.lost, false})
end
S.answer_due(run)
local known = S.find_step(run, ARGV[5])
if known then
  return S.done({WRITE.already, known})
end
for _, wait in ipairs(S.open_waits(run)) do
  if wait.k == ARGV[5] then
    return S.done({WRITE.already, false})
  end
end
local wait = {k = ARGV[5], r = ARGV[6], kd = tonumber(ARGV[7]), n = ARGV[8], c = now, b = ARGV[10]}
if ARGV[11] ~= '' then
  wait.w = cmsgpack.unpack(ARGV[11])
end
if ARGV[12] ~= '' then
  wait.s = cmsgpack.unpack(ARGV[12])
end
if ARGV[9] ~= '' and wait.w then
  wait.d = after(now, tonumber(ARGV[9]))
end
local packed = cmsgpack.pack(wait)
redis.call('RPUSH', T .. 'w:' .. run.id, packed)
wait.packed = packed
S.publish_from(run, 13)
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
