-- include run-waits
-- How attempts and runs end. ended and dead: ended runs by when they are to be removed; dead letters keep their journal.

-- Ends the current attempt, if there is one.
function S.end_attempt(run, failed, crashed, uncounted)
  if not run.lease then
    return
  end
  S.unset(run, 'lease')
  S.note_time(run)
  S.set(run,
    'elapsed', run.elapsed + now - run.attemptstart,
    'failures', run.failures + (failed and 1 or 0),
    'crashes', run.crashes + (crashed and 1 or 0),
    'attempts', run.attempts - (uncounted and 1 or 0),
    'status', STATUS.queued)
end

-- Of an ended run only what readers see is kept.
local function drop_payloads(run)
  redis.call('DEL', T .. 'jp:' .. run.id, T .. 'b:' .. run.id, T .. 'bb:' .. run.id, T .. 'no:' .. run.id, T .. 'wk:' .. run.id, T .. 'u:' .. run.id)
end

function S.retain(run)
  S.set(run, 'endnum', next_number())
  local at = member(run.endnum, run.id)
  if S.is_dead_letter(run) then
    S.set(run, 'removeat', after(now, opt.deadLetterRetention))
    redis.call('ZADD', T .. 'dead', run.removeat, at)
  else
    drop_payloads(run)
    S.set(run, 'removeat', after(now, opt.retention))
    redis.call('ZADD', T .. 'ended', run.removeat, at)
  end
end

-- Takes an ended run out of the index in which it is kept.
function S.release_retained(run)
  local at = member(run.endnum, run.id)
  redis.call('ZREM', T .. 'ended', at)
  redis.call('ZREM', T .. 'dead', at)
end

-- Removes all that is kept of a run which stands in no other index any more.
local function drop(run)
  redis.call('ZREM', T .. 'age', run.id)
  redis.call('ZREM', T .. 'or:' .. run.own, run.id)
  local keys = {}
  for _, kind in ipairs({'r', 'j', 'jk', 'jp', 'no', 'b', 'bb', 'u', 'e', 'ef', 'w', 'wc', 'wd', 'wl', 'wk', 'wr'}) do
    keys[#keys + 1] = T .. kind .. ':' .. run.id
  end
  redis.call('DEL', unpack(keys))
  records[run.id] = nil
  S.tell_watchers(run.id)
end

function S.remove(run)
  S.release_retained(run)
  drop(run)
end

-- Removes a run that no worker holds, wherever it is, without a trace in its session.
function S.erase(run)
  if S.is_ended(run) then
    S.release_retained(run)
  else
    S.displace(run)
    redis.call('ZREM', T .. 'expiring', member(run.num, run.id))
    counter('live', -1)
    counter('bytes', -run.bytes)
    S.leave_session(run)
  end
  drop(run)
end

local function forget_beyond(index, most)
  local extra = redis.call('ZCARD', T .. index) - most
  if extra > 0 then
    for _, oldest in ipairs(redis.call('ZRANGE', T .. index, 0, int(extra - 1))) do
      S.remove(S.load(id_of(oldest)))
    end
  end
end

function S.forget_oldest()
  forget_beyond('ended', opt.maxRetainedRuns)
  forget_beyond('dead', opt.maxDeadLetters)
end

-- Ends a run for good: record, event, its place and its session's next run. Where the session has its turn, or is to have none, none is made. Result and error may be nil.
function S.end_run(run, status, result, error, has_turn)
  S.displace(run)
  S.end_attempt(run)
  if not has_turn then
    S.add_turn_from_journal(run)
  end
  S.set(run, 'status', status, 'completed', now, 'place', 'ended')
  if result then
    S.set(run, 'result', result)
  end
  if error then
    S.set(run, 'error', error)
  end
  S.close_waits(run)
  redis.call('ZREM', T .. 'expiring', member(run.num, run.id))
  counter('live', -1)
  counter('bytes', -run.bytes)
  S.retain(run)
  S.publish(run, 'T', run.attempts > 0 and int(run.attempts) or '')
  S.leave_session(run)
  S.forget_oldest()
end

function S.expire(run)
  S.end_run(run, STATUS.expired, nil, opt.expiredError)
end
