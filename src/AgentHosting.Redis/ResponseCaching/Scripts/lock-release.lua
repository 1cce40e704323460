-- Releases a lock if it is still its holder's.
-- KEYS 1: the lock. ARGV 1: the holder's token. Reply: 1 when it was released, 0 when it had ended or is another's.
-- Carried out twice, the second finds nothing of its own.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
