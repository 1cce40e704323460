-- include run-dump
-- Reads events of a run. ARGV 3: run id. 4: number of the last one that is known. 5: how many at most.
-- Reply: number of the last event; how many are folded into one; when, in which step and with which text (false for none); the entries; the run, as S.dump, where a reader needs it.
local run = S.load(ARGV[3])
if not run then
  return S.done(false)
end
local known, limit, folded = tonumber(ARGV[4]), tonumber(ARGV[5]), run.fold
local key = T .. 'e:' .. run.id
local length = redis.call('LLEN', key)
-- A number beyond the last would be written with an exponent.
local first = math.min(math.max(known - folded, 0), length)
local entries = {}
local room = limit - (known < folded and 1 or 0)
if room > 0 then
  entries = redis.call('LRANGE', key, first, first + room - 1)
end
local last = folded + length
local text = folded > 0 and redis.call('GET', T .. 'ef:' .. run.id) or false
local step = run.foldstep and run.foldstep ~= '' and run.foldstep or false
return S.done({last, folded, run.foldat or false, step, text, entries, S.dump(run)})
