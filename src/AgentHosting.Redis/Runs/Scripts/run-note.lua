-- include run-events
-- Keeps a note with a step that is not done. ARGV 3: run id. 4: token. 5: key. 6: version. 7: payload. Reply: outcome.
local run = S.held(ARGV[3], ARGV[4])
if not run then
  return S.done(WRITE.lost)
end
if S.is_done(run, ARGV[5]) then
  return S.done(WRITE.already)
end
local version = tonumber(ARGV[6])
redis.call('HSET', T .. 'no:' .. run.id, ARGV[5], cmsgpack.pack({version, ARGV[7]}))
if version > run.ver then
  S.set(run, 'ver', version)
end
return S.done(WRITE.committed)
