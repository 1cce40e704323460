-- include time
-- include spend-holds
-- Charges a few reservations in full whose lease has ended, as estimated.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: how many at most; 3: the most rows. Reply: { how many, time, findings }.
local now = time_of(ARGV[1])
local findings = {}
local due = redis.call('ZRANGEBYSCORE', root .. 'x', '-inf', now, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do
  estimate(id, true, now, tonumber(ARGV[3]), findings)
end
return { #due, fmt(now), findings }
