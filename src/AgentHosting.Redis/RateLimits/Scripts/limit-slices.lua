-- What was taken in a window, by slices: a hash of slice number -> amount. A slice is a sixtieth of the window; 61 of them count, as the oldest and the
-- current one both lie in part within it. The key expires 10 seconds after its last slice counts.
-- Slices of a time that has not come yet are those of a clock that was set back since: they count as taken now, so that they neither vanish nor stay.
local function slices_at(key, slice, now)
  local current = math.floor(now / slice)
  local stored = redis.call('HGETALL', key)
  local slices = { used = 0, count = 0, numbers = {}, amounts = {} }
  for i = 1, #stored, 2 do
    local number, amount = tonumber(stored[i]), tonumber(stored[i + 1])
    if number < current - 60 then
      redis.call('HDEL', key, stored[i])
    else
      if number > current then
        redis.call('HDEL', key, stored[i])
        redis.call('HINCRBY', key, string.format('%.0f', current), stored[i + 1])
        number = current
      end
      if not slices.amounts[number] then
        slices.count = slices.count + 1
        slices.numbers[slices.count] = number
      end
      slices.amounts[number] = (slices.amounts[number] or 0) + amount
      slices.used = slices.used + amount
    end
  end
  return slices, current
end
-- When this much will have been forgotten, if nothing is added.
local function time_to_forget(slices, slice, amount)
  table.sort(slices.numbers)
  for _, number in ipairs(slices.numbers) do
    amount = amount - slices.amounts[number]
    if amount <= 0 then
      return (number + 61) * slice
    end
  end
  error('more than was used was to be forgotten')
end
