-- include time
-- include spend-holds
-- Sets aside what a request may cost, in all its counters or in none. What earlier attempts of its step left open is charged first.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1: the time in tests; 2: id; 3: "=STEP", or nothing; 4: attempt; 5: lease in microseconds; 6: 1 where a refusal is
-- final; 7: account; 8: by whom sums are kept; 9: what the reservation comes to, as in h:ID; 10: for each counter, beginning and end of its period of the calendar;
-- 11: the most rows.
-- Reply: { 'again', time } where it is not within those periods; { 'granted', time, findings }; { 'refused', time, findings, limit, unit, used, slice to wait for or '' }.
-- Repeated while it is open, it is granted and changes nothing.
local now = time_of(ARGV[1])
local id, step, attempt = ARGV[2], string.sub(ARGV[3], 2), ARGV[4]
local hold = root .. 'h:' .. id
local findings = {}
if redis.call('EXISTS', hold) == 1 then
  return { 'granted', fmt(now), findings }
end
local r, bounds = cjson.decode(ARGV[9]), cjson.decode(ARGV[10])
for i, spec in ipairs(r.c) do
  if spec[2] == 'C' and (now < bounds[i][1] or now >= bounds[i][2]) then
    return { 'again', fmt(now) }
  end
end
if ARGV[3] ~= '' then
  for _, open in ipairs(redis.call('LRANGE', root .. 's:' .. step, 0, -1)) do
    local earlier, before = string.match(open, '^(%S+) (.*)$')
    if tonumber(earlier) < tonumber(attempt) then
      estimate(before, false, now, tonumber(ARGV[11]), findings)
    end
  end
end
local counters = {}
for i, spec in ipairs(r.c) do
  counters[i] = open_counter(spec, now, bounds[i])
end
local asked = { r.n[1], r.n[2], 1 }
local nothing = { 0, 0, 0 }
for i, limit in ipairs(r.l) do
  local c = counters[r.g[i]]
  for unit = 1, 3 do
    local cap = limit[unit]
    local used = c and c.settled[unit] + c.held[unit] or 0
    if cap and asked[unit] > 0 and used > cap - asked[unit] then
      for _, moved in ipairs(counters) do
        if moved.is_moved then
          save(moved, now)
        end
      end
      -- What would not fit into an unspent limit says nothing about what is spent.
      if c and ARGV[6] == '1' and limit[5] and asked[unit] <= cap then
        if c.is_made then
          save(c, now)
        end
        tell(c, limit, unit, ARGV[7], findings)
      end
      local slice = c and asked[unit] <= cap and slice_to_forget(c, unit, used - (cap - asked[unit]))
      return { 'refused', fmt(now), findings, i - 1, unit, fmt(used), slice and fmt(slice) or '' }
    end
  end
end
local places = {}
for i, c in ipairs(counters) do
  c.open = c.open + 1
  add(c, c.slice, nothing, asked, true)
  save(c, now)
  places[i] = c.slice
end
redis.call('HSET', hold, 'a', ARGV[7], 'k', ARGV[8], 'r', ARGV[9], 'p', cmsgpack.pack(places))
redis.call('ZADD', root .. 'x', now + tonumber(ARGV[5]), id)
if ARGV[3] ~= '' then
  redis.call('HSET', hold, 'q', attempt .. ' ' .. step)
  redis.call('RPUSH', root .. 's:' .. step, attempt .. ' ' .. id)
end
return { 'granted', fmt(now), findings }
