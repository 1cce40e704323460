-- include run-end
-- Tells a run of an event. ARGV 3: run id. 4: name. 5: '1' and its id, or nothing. 6: payload. Reply: outcome.
local ACCEPTED, REPEATED, NOT_FOUND, ENDED, FULL = 0, 1, 3, 4, 5
local run = S.load(ARGV[3])
if not run then
  return S.done(NOT_FOUND)
end
S.answer_due(run)
local raised = T .. 'wr:' .. run.id
if ARGV[5] ~= '' and redis.call('SISMEMBER', raised, ARGV[5]) == 1 then
  return S.done(REPEATED)
end
if S.is_ended(run) then
  return S.done(ENDED)
end
local first
for _, wait in ipairs(S.open_waits(run)) do
  if S.is_event(wait) and wait.n == ARGV[4] then
    first = wait
    break
  end
end
if first then
  S.answer(run, first, S.raised(first, ARGV[6]))
elseif not S.keep(run, ARGV[4], ARGV[5], ARGV[6]) then
  return S.done(FULL)
end
if ARGV[5] ~= '' then
  redis.call('SADD', raised, ARGV[5])
end
return S.done(ACCEPTED)
