-- Writes something, whatever there is, so that WAIT after it waits for all that was written before it, by whatever connection.
-- KEYS 1: what the name of the key begins with. Reply: nothing. Can be repeated.
-- The first command needs no memory: then the second one is taken also while it is full.
redis.call('DEL', KEYS[1] .. 'mark')
redis.call('INCR', KEYS[1] .. 'mark')
return false
