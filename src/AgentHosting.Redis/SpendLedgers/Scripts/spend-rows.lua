-- include spend-book
-- Reads a few rows, the latest first.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the number of the first, or nothing for the latest; 2: how many at most.
-- Reply: { the number to go on with, or 0; rows... }.
local last = tonumber(redis.call('GET', root .. 'rows:n') or '0')
local first = last - redis.call('LLEN', root .. 'rows') + 1
local from = ARGV[1] == '' and last or math.min(last, tonumber(ARGV[1]))
local to = math.max(first, from - tonumber(ARGV[2]) + 1)
if from < first then
  return { 0 }
end
local rows = redis.call('LRANGE', root .. 'rows', to - last - 1, from - last - 1)
local reply = { to > first and to - 1 or 0 }
for i = #rows, 1, -1 do
  reply[#reply + 1] = rows[i]
end
return reply
