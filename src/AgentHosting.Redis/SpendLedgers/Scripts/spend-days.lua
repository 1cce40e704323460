-- include spend-book
-- Reads of which days there are sums.
-- KEYS 1: the beginning of the ledger's keys. ARGV 1, 2: the first and last day since 1970. Reply: the days.
return redis.call('ZRANGEBYSCORE', root .. 'days', ARGV[1], ARGV[2])
