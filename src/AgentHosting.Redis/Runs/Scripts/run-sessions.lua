-- include run-events
-- include run-queue
-- Sessions: s:KEY has sid and ver (the newest version of its turns); sr:KEY its runs that are not done, of which only the first may run; st:KEY the ids of the runs whose turns
-- it has, in order, and sb:KEY those turns. os:OWNER: the sessions of a user by the number of their first run; the field own names the owner. idle: sessions without a run, by when they are to be removed.
-- A turn: M, version, messages; or J, version, message, text that was cut off, keys without an answer, steps (entry, payload, entry, payload...), made of a journal.

function S.join_session(run)
  if not run.skey then
    return
  end
  local key = T .. 's:' .. run.skey
  if redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'sid', run.sid, 'ver', 1, 'own', run.own)
    redis.call('ZADD', T .. 'os:' .. run.own, run.num, run.skey)
    counter('sessions', 1)
  elseif redis.call('EXISTS', T .. 'sr:' .. run.skey) == 0 then
    redis.call('ZREM', T .. 'idle', member(redis.call('HGET', key, 'idle'), run.skey))
  end
  redis.call('RPUSH', T .. 'sr:' .. run.skey, run.id)
end

function S.session_head(session)
  local id = session and redis.call('LINDEX', T .. 'sr:' .. session, 0)
  return id and S.load(id) or nil
end

local function position_of(session, id)
  local ids = list(T .. 'st:' .. session)
  for i = #ids, 1, -1 do
    if ids[i] == id then
      return i
    end
  end
  return nil
end

function S.add_turn(run, turn)
  local session = run.skey
  local replaced = run.replaces and position_of(session, run.replaces)
  if replaced then
    redis.call('HDEL', T .. 'sb:' .. session, run.replaces)
    redis.call('LSET', T .. 'st:' .. session, replaced - 1, run.id)
  else
    redis.call('RPUSH', T .. 'st:' .. session, run.id)
  end
  redis.call('HSET', T .. 'sb:' .. session, run.id, cmsgpack.pack(turn))
  local version = tonumber(redis.call('HGET', T .. 's:' .. session, 'ver') or '1')
  redis.call('HSET', T .. 's:' .. session, 'ver', math.max(version, turn[2]))
end

-- The turn of a run that no attempt ended: what it said and did is in its journal. One that never began has said nothing, and nobody has heard its message.
function S.add_turn_from_journal(run)
  if not run.skey or not run.started then
    return
  end
  local steps = {}
  for _, entry in ipairs(list(T .. 'j:' .. run.id)) do
    -- What it began from holds the session's earlier turns, which the session has.
    if not string.find(entry, '^%d+S') then
      steps[#steps + 1] = entry
      steps[#steps + 1] = redis.call('HGET', T .. 'jp:' .. run.id, S.key_of(entry)) or ''
    end
  end
  local unanswered = {}
  for _, wait in ipairs(S.open_waits(run)) do
    unanswered[#unanswered + 1] = wait.k
  end
  S.add_turn(run, {'J', run.ver, run.message, S.unfinished_text(run) or false, unanswered, steps})
end

function S.remove_session(session)
  local key = T .. 's:' .. session
  local idle = redis.call('HGET', key, 'idle')
  if idle then
    redis.call('ZREM', T .. 'idle', member(idle, session))
  end
  redis.call('ZREM', T .. 'os:' .. redis.call('HGET', key, 'own'), session)
  redis.call('DEL', key, T .. 'sr:' .. session, T .. 'st:' .. session, T .. 'sb:' .. session)
  counter('sessions', -1)
end

function S.leave_session(run)
  local session = run.skey
  if not session then
    return
  end
  local runs = T .. 'sr:' .. session
  local was_first = redis.call('LINDEX', runs, 0) == run.id
  redis.call('LREM', runs, 1, run.id)
  S.unset(run, 'skey')
  local following = redis.call('LINDEX', runs, 0)
  if following then
    if was_first then
      counter('blocked', -1)
      S.place(S.load(following))
    end
  elseif redis.call('EXISTS', T .. 'st:' .. session) == 1 then
    local number = next_number()
    redis.call('HSET', T .. 's:' .. session, 'idle', number)
    redis.call('ZADD', T .. 'idle', after(now, opt.sessionRetention), member(number, session))
    while counted('sessions') > opt.maxSessions do
      local oldest = redis.call('ZRANGE', T .. 'idle', 0, 0)[1]
      if not oldest then
        break
      end
      S.remove_session(id_of(oldest))
    end
  else
    S.remove_session(session)
  end
end

-- The turns, those before a replaced one: id, then the turn's values.
function S.transcript(session, replaced)
  local ids = list(T .. 'st:' .. session)
  local count = replaced and position_of(session, replaced)
  count = count and count - 1 or #ids
  local turns = {}
  for i = 1, count do
    local turn = cmsgpack.unpack(redis.call('HGET', T .. 'sb:' .. session, ids[i]))
    turns[i] = {ids[i], unpack(turn)}
  end
  return turns
end
