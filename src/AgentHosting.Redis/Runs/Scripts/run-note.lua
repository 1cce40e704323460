-- include run-events
-- Keeps a note with a step that is not done. ARGV 3: run id. 4: token. 5: the step that the attempt has committed last, or nothing. 6: key. 7: version. 8: payload. Reply: outcome.
S.write_even_if_full()
local run = S.held_after(ARGV[3], ARGV[4], ARGV[5])
if not run then
  return S.done(WRITE.lost)
end
if S.is_done(run, ARGV[6]) then
  return S.done(WRITE.already)
end
local version = tonumber(ARGV[7])
redis.call('HSET', T .. 'no:' .. run.id, ARGV[6], cmsgpack.pack({version, ARGV[8]}))
if version > run.ver then
  S.set(run, 'ver', version)
end
return S.done(WRITE.committed)
