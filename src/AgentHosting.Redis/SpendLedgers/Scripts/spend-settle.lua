-- include time
-- include spend-holds
-- Charges what a request has cost in place of what was set aside, or corrects what was charged by estimate, and writes the row.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: id; 3, 4: money in nanos and tokens; 5: the settlement; 6: the most rows.
-- Reply: { 1 settled | 2 corrected | 0 neither open nor estimated, time, findings }. Repeated, it is 0 and changes nothing.
local now = time_of(ARGV[1])
local id, nanos, tokens, settlement = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local findings = {}
local h = read(root .. 'h:' .. id)
if h then
  settle(id, h, nanos, tokens, settlement, now, tonumber(ARGV[6]), findings)
  redis.call('UNLINK', h.key)
  return { 1, fmt(now), findings }
end
h = read(root .. 'e:' .. id)
if not h then
  return { 0, fmt(now), findings }
end
local f = redis.call('HMGET', h.key, 'c', 't', 'm', 'v', 'n', 'w')
forget_estimate(id)
if now - tonumber(f[6]) >= KEPT_ESTIMATES then
  return { 0, fmt(now), findings }
end
charge(h, { nanos - tonumber(f[1]), tokens - tonumber(f[2]), 0 }, nil, now, findings)
rewrite(f[4], tonumber(f[5]), f[3], id, h.account, settlement, fmt(tonumber(f[6])))
return { 2, fmt(now), findings }
