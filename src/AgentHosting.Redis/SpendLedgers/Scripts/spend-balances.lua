-- include time
-- include spend-counters
-- Reads counters, and changes nothing.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: the counters.
-- Reply: { time, for each { slice, or '' for the current one; settled money, tokens; held money, tokens; calls } }.
local now = time_of(ARGV[1])
local reply = { fmt(now) }
for _, spec in ipairs(cjson.decode(ARGV[2])) do
  local c = load(spec)
  if c then
    roll(c, now)
  end
  if not c or (spec[2] == 'C' and now >= c.ends) then
    reply[#reply + 1] = { '', '0', '0', '0', '0', '0' }
  else
    reply[#reply + 1] = { fmt(c.slice), fmt(c.settled[1]), fmt(c.settled[2]), fmt(c.held[1]), fmt(c.held[2]), fmt(c.settled[3] + c.held[3]) }
  end
end
return reply
