-- include time
-- include limit-slices
-- Replaces what a request took by what it used, in the slice in which it was taken.
-- KEYS: the windows of one limit. ARGV 1: the time in tests, or nothing. 2: when it was taken. Then for each key: the difference, the length of a slice.
-- Reply: 1 when a slice still counted, else 0.
-- Carried out twice it corrects twice, until the window is over; a slice does not fall below nothing.
local now, taken_at = time_of(ARGV[1]), tonumber(ARGV[2])
local corrected = 0
for i, key in ipairs(KEYS) do
  local change, slice = tonumber(ARGV[i * 2 + 1]), tonumber(ARGV[i * 2 + 2])
  local slices, current = slices_at(key, slice, now)
  local number = math.min(math.floor(taken_at / slice), current)
  local amount = slices.amounts[number]
  if amount then
    redis.call('HINCRBY', key, string.format('%.0f', number), string.format('%.0f', math.max(change, -amount)))
    corrected = 1
  end
end
return corrected
