-- include run-end
-- include run-idempotency
-- include run-clock
-- Recovers runs whose lease has ended, answers waits, expires and removes what is past its time. ARGV 3: crashes allowed. 4: limit. 5: error of too many crashes as JSON, with %d for
-- their number. 6: whether the server ran on for the length of a lease, as the caller saw it: '1', or nothing, which recovers no lease, or '?' of one that has not looked for that long and
-- goes by the last sweep that did recover. 7 and 8: the time that the caller expects, or nothing, and by how much it may differ. Reply: recovered, failed, cancelled, expired, removed, the time.
S.write_even_if_full()
local limit = tonumber(ARGV[4])
local recovered, failed, cancelled, expired, removed = 0, 0, 0, 0, 0
S.answer_all_due(limit)
-- Leases first: a run whose worker died and whose time is up can then expire in the same round.
local ahead = ARGV[7] == '' and 0 or now - tonumber(ARGV[7])
local tolerance = tonumber(ARGV[8])
local since = now - counted('swept')
local ran_on = ARGV[6] == '1' or ARGV[6] == '?' and since >= 0 and since <= tolerance
local may_recover = ran_on and ahead <= tolerance
if may_recover then
  redis.call('HSET', COUNTERS, 'swept', now)
end
for _, due in ipairs(may_recover and S.due('leases', limit) or {}) do
  local run = S.load(id_of(due))
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
if ahead < -tolerance then
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
return S.done({recovered, failed, cancelled, expired, removed, now})
