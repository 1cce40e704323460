-- include run-end
-- include run-idempotency
-- include run-clock
-- Recovers runs whose lease has ended, answers waits, expires and removes what is past its time. ARGV 3: crashes allowed. 4: limit. 5: error of too many crashes as JSON, with %d for
-- their number. 6: for how long the server has run on, as the caller saw it: a lease that is longer may have ended by a clock that was set, or in a break of the connection. 7: '1' where that is
-- since the caller began, so that it goes by what another saw that looked a moment ago. 8 and 9: the time that the caller expects, or nothing, and by how much it may differ. 10: how
-- often it knows the clock to have been set back, or nothing. Reply: recovered, failed, cancelled, expired, removed, the time, 1 where leases may have ended by a clock that was set, 10 now.
-- Fields of the counters: looked, when the last sweep was; since, from when on the server ran on by then; setback, how often the clock was found to be set back.
S.write_even_if_full()
local limit = tonumber(ARGV[4])
local recovered, failed, cancelled, expired, removed = 0, 0, 0, 0, 0
S.answer_all_due(limit)
-- Leases first: a run whose worker died and whose time is up can then expire in the same round.
local ahead = ARGV[8] == '' and 0 or now - tonumber(ARGV[8])
local tolerance = tonumber(ARGV[9])
local looked = now - counted('looked')
local is_back = ahead < -tolerance or looked < -tolerance
-- One who only hears that the clock was set back sees it set right again: leases that were renewed in between look ended.
local was_set = ahead > tolerance or not is_back and ARGV[10] ~= '' and tonumber(ARGV[10]) ~= counted('setback')
local since = now - tonumber(ARGV[6])
if was_set then
  since = now
elseif ARGV[7] == '1' and looked >= 0 and looked <= tolerance then
  since = math.min(since, counted('since'))
end
if looked < -tolerance then
  counter('setback', 1)
end
redis.call('HSET', COUNTERS, 'looked', now, 'since', since)
local function recover(run)
  S.end_attempt(run, false, true)
  if run.cancel then
    S.end_run(run, STATUS.cancelled)
    cancelled = cancelled + 1
  elseif run.crashes > tonumber(ARGV[3]) then
    S.end_run(run, STATUS.failed, nil, (string.gsub(ARGV[5], '%%d', int(run.crashes))))
    failed = failed + 1
  else
    S.displace(run)
    S.place(run)
    recovered = recovered + 1
  end
end
for _, due in ipairs(S.due('leases', limit)) do
  local run = S.load(id_of(due))
  if now - since >= (run.leaselen or 2 * tolerance) then
    recover(run)
  end
end
if is_back then
  S.follow_clock_back()
end
for _, due in ipairs(S.due('expiring', limit + redis.call('ZCARD', T .. 'leases'))) do
  local run = S.load(id_of(due))
  -- A running one is left to its worker, which learns of it at the next renewal.
  if run.place ~= 'running' and expired < limit then
    S.expire(run)
    expired = expired + 1
  end
end
for _, index in ipairs({'ended', 'dead'}) do
  for _, due in ipairs(S.due(index, limit)) do
    S.remove(S.load(id_of(due)))
    removed = removed + 1
  end
end
for _, due in ipairs(S.due('idle', limit)) do
  S.remove_session(id_of(due))
  removed = removed + 1
end
removed = removed + S.forget_idempotency_keys(limit)
return S.done({recovered, failed, cancelled, expired, removed, now, was_set and 1 or 0, counted('setback')})
