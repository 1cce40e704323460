-- Notes, once, in which layout the keys of this prefix are, and tells it: a package that knows older ones only must not touch them.
-- KEYS 1: the hash of layouts. ARGV: name and version that the caller writes, in turn. Reply: the versions there are, in the order given. Can be repeated.
local versions = {}
for i = 1, #ARGV, 2 do
  local there = redis.call('HGET', KEYS[1], ARGV[i])
  if not there then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
  versions[#versions + 1] = tonumber(there or ARGV[i + 1])
end
return versions
