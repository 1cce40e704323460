-- include run-end
-- Answers an open wait. ARGV 3: run id. 4: request id. 5: the answer, packed. Reply: outcome.
local ACCEPTED, REPEATED, CONFLICT, NOT_FOUND, ENDED = 0, 1, 2, 3, 4
local run = S.load(ARGV[3])
if not run then
  return S.done(NOT_FOUND)
end
S.answer_due(run)
local answer = cmsgpack.unpack(ARGV[5])
local decision = redis.call('HGET', T .. 'wd:' .. run.id, ARGV[4])
if decision then
  return S.done(decision == answer[1] and REPEATED or CONFLICT)
end
for _, wait in ipairs(S.open_waits(run)) do
  if wait.r == ARGV[4] then
    S.answer(run, wait, answer)
    return S.done(ACCEPTED)
  end
end
return S.done(redis.call('SISMEMBER', T .. 'wl:' .. run.id, ARGV[4]) == 1 and ENDED or NOT_FOUND)
