-- include run-end
-- include run-idempotency
-- How a run comes into the store. age: all runs by the order of their acceptance. expiring: those that are not done and do not wait, by when they expire.
-- or:OWNER: the runs of a user by the order of their acceptance; their field own names the owner, ikey their idempotency key.

function S.new_run(id, agent, tenant_name, user, sid, session, priority, weight, size, delay, expire_after, message, submission)
  local run = {id = id}
  S.set(run,
    'agent', agent, 'tenant', tenant_name, 'user', user, 'sid', sid, 'prio', priority, 'weight', weight, 'size', size, 'bytes', size, 'num', next_number(), 'created', now, 'status', STATUS.queued, 'place', 'none',
    'expires', after(now, expire_after), 'notbefore', after(now, delay), 'delaylen', delay, 'epoch', 0, 'attempts', 0, 'failures', 0, 'crashes', 0, 'batch', 0, 'ver', 1, 'elapsed', 0, 'fold', 0,
    'message', message, 'sub', submission)
  if session then
    -- The second is gone once the run has left the session.
    S.set(run, 'sk', session, 'skey', session)
  end
  records[id] = run
  return run
end

-- Whether so many bytes more are too many, or one run more is.
function S.is_full(size)
  return counted('live') >= opt.maxUnfinishedRuns or counted('bytes') + size > opt.maxUnfinishedBytes
end

function S.add(run)
  redis.call('ZADD', T .. 'age', run.num, run.id)
  redis.call('ZADD', T .. 'or:' .. run.own, run.num, run.id)
  counter('live', 1)
  counter('bytes', run.bytes)
  redis.call('ZADD', T .. 'expiring', run.expires, member(run.num, run.id))
  S.join_session(run)
  S.publish(run, 'Q', '')
  S.place(run)
end
