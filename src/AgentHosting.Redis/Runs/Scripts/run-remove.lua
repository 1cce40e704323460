-- include run-end
-- Removes an ended run before its time. ARGV 3: run id. Reply: outcome.
local REMOVED, NOT_FOUND, NOT_ENDED = 0, 1, 2
local run = S.load(ARGV[3])
if not run then
  return S.done(NOT_FOUND)
end
if not S.is_ended(run) then
  return S.done(NOT_ENDED)
end
S.remove(run)
return S.done(REMOVED)
