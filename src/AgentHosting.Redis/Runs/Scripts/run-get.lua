-- include run-dump
-- Reads a run. ARGV 3: run id. Reply: as S.dump, or nothing.
local run = S.load(ARGV[3])
return S.done(run and S.dump(run) or false)
