-- The time in microseconds: the one that was given, in tests, or the server's own.
local function time_of(given)
  if given ~= '' then
    return tonumber(given)
  end
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000000 + tonumber(now[2])
end
