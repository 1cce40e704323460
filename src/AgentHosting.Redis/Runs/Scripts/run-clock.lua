-- include run-waits
-- What a clock that was set back would make last so much longer: leases of dead workers, delays, and waits whose time is limited. None lasts longer from now on than it was given for.

local function all(index)
  return redis.call('ZRANGE', T .. index, 0, -1)
end

function S.follow_clock_back()
  for _, at in ipairs(all('leases')) do
    local run = S.load(id_of(at))
    if run.leaselen and run.leaseexp > after(now, run.leaselen) then
      S.set(run, 'leaseexp', after(now, run.leaselen))
      redis.call('ZADD', T .. 'leases', run.leaseexp, at)
    end
  end
  for _, at in ipairs(all('delayed')) do
    local run = S.load(id_of(at))
    if S.begins_at(run) < run.notbefore then
      S.set(run, 'notbefore', S.begins_at(run))
      redis.call('ZADD', T .. 'delayed', run.notbefore, at)
    end
  end
  for _, at in ipairs(all('waiting')) do
    local run = S.load(id_of(at))
    S.set(run, 'waitsuntil', S.next_due(run))
    redis.call('ZADD', T .. 'waiting', run.waitsuntil, at)
  end
  -- Workers may have planned to sleep for longer.
  S.wake()
end
