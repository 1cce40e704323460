-- include time
-- include limit-slices
-- Takes from all limits of a request, or from none.
-- KEYS: the limits, each the slices of one window.
-- ARGV 1: the time in tests, or nothing. Then for each key: what to take, the limit, the length of a slice in microseconds.
-- Reply: {1, when it was taken} or {0, the index of the limit that refused, what is left of it, microseconds until it fits, or -1 for never}.
-- Carried out twice it takes twice, which is given back with the window: nobody gets in who should not.
local now = time_of(ARGV[1])
local worst, available, retry_at, current = nil, 0, 0, {}
for i, key in ipairs(KEYS) do
  local permits, limit, slice = tonumber(ARGV[i * 3 - 1]), tonumber(ARGV[i * 3]), tonumber(ARGV[i * 3 + 1])
  local slices
  slices, current[i] = slices_at(key, slice, now)
  local missing = permits - (limit - slices.used)
  if missing > 0 then
    local fits_at = permits > limit and math.huge or time_to_forget(slices, slice, missing)
    if not worst or fits_at > retry_at then
      worst, available, retry_at = i, math.max(0, limit - slices.used), fits_at
    end
  end
end
if worst then
  return { 0, worst - 1, available, retry_at == math.huge and -1 or retry_at - now }
end
for i, key in ipairs(KEYS) do
  redis.call('HINCRBY', key, string.format('%.0f', current[i]), ARGV[i * 3 - 1])
  redis.call('PEXPIRE', key, string.format('%.0f', math.ceil(tonumber(ARGV[i * 3 + 1]) * 61 / 1000) + 10000))
end
return { 1, now }
