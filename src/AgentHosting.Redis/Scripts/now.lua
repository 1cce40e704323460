-- include time
-- KEYS 1: any. ARGV 1: the time in tests, or nothing. Reply: the time in microseconds.
return time_of(ARGV[1])
