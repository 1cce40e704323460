-- include run-sessions
-- Reads a session. ARGV 3: its key. Reply: its turns, or nothing.
if redis.call('EXISTS', T .. 's:' .. ARGV[3]) == 0 then
  return S.done(false)
end
return S.done(S.transcript(ARGV[3]))
