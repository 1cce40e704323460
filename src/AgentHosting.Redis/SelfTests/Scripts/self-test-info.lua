-- What the server tells of itself, or nothing where the user may not ask. In a script, since the client keeps INFO for connections of administrators.
-- KEYS, ARGV: none. Reply: the text of INFO. Changes nothing.
local info = redis.pcall('INFO')
return type(info) == 'string' and info or ''
