-- What the server tells of itself, or nothing where the user may not ask. In a script, since the client keeps INFO for connections of administrators.
-- KEYS, ARGV: none. Reply: the text of INFO. Changes nothing.
local info = redis.pcall('INFO')
if type(info) == 'string' then
  return info
end
-- Scripts know it since 7.0.
return redis.REDIS_VERSION and 'redis_version:' .. redis.REDIS_VERSION or ''
