-- include run-sessions
-- Erases a session. ARGV 3: its key. Reply: outcome.
local DELETED, NOT_FOUND, BUSY = 0, 1, 2
if redis.call('EXISTS', T .. 's:' .. ARGV[3]) == 0 then
  return S.done(NOT_FOUND)
end
if redis.call('EXISTS', T .. 'sr:' .. ARGV[3]) == 1 then
  return S.done(BUSY)
end
S.remove_session(ARGV[3])
return S.done(DELETED)
