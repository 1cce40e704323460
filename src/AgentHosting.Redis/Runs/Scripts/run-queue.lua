-- include run-core
-- Where unfinished runs are. A run is in one place: ready (its tenant's queue), delayed, blocked (behind its session's first), waiting, running, ended.
-- Tenants take turns by virtual time: turns holds those that have a ready run and room; t:TENANT has n (number), v (virtual time), run (running), cnt (ready), turn.
-- A tenant's ready runs: q:LENGTH:TENANT:VERSION:AGENT by priority and number, q:LENGTH:TENANT:VERSION!AGENT those that have lost so many workers that they are suspects; g:TENANT names the
-- version:agent pairs there are. A long row that a worker has no room for is not walked.
local TURNS = T .. 'turns'

-- What a run of a tenant of weight 1 costs. As FairQueue does.
local function cost_of(run)
  return math.floor(100000 / run.weight)
end

local function tenant_of(run)
  local name = run.tenant
  local v = redis.call('HMGET', T .. 't:' .. name, 'n', 'v', 'run', 'cnt', 'turn')
  if v[1] then
    return {name = name, n = tonumber(v[1]), v = tonumber(v[2]), run = tonumber(v[3]), cnt = tonumber(v[4]), turn = v[5] == '1'}
  end
  -- Behind those whose turn it is: a tenant with one run at a time is forgotten after each, and would come first again and again.
  return {name = name, n = counter('tenants', 1), v = counted('vt') + cost_of(run), run = 0, cnt = 0, turn = false}
end

local function leave_turn(t)
  if t.turn then
    redis.call('ZREM', TURNS, member(t.n, t.name))
    t.turn = false
  end
end

local function update(t)
  local belongs = t.cnt > 0 and (opt.maxRunningPerTenant == 0 or t.run < opt.maxRunningPerTenant)
  if belongs and not t.turn then
    t.v = math.max(t.v, counted('vt'))
    redis.call('ZADD', TURNS, t.v, member(t.n, t.name))
    t.turn = true
  elseif not belongs then
    leave_turn(t)
  end
  if t.cnt == 0 and t.run == 0 then
    redis.call('DEL', T .. 't:' .. t.name)
  else
    redis.call('HSET', T .. 't:' .. t.name, 'n', t.n, 'v', t.v, 'run', t.run, 'cnt', t.cnt, 'turn', t.turn and '1' or '0')
  end
end

local function queue_key(name, group)
  return T .. 'q:' .. #name .. ':' .. name .. ':' .. group
end

local function is_suspect(run)
  return run.crashes >= SUSPECT_CRASHES
end
S.is_suspect = is_suspect

local function group_of(run)
  return int(run.qver) .. (is_suspect(run) and '!' or ':') .. run.agent
end

local function dequeue(run, t)
  local group = group_of(run)
  local key = queue_key(t.name, group)
  redis.call('ZREM', key, run.id)
  if redis.call('EXISTS', key) == 0 then
    redis.call('SREM', T .. 'g:' .. t.name, group)
  end
  t.cnt = t.cnt - 1
end

-- The version that a worker must read to execute the run: that of its journal, or of its session.
function S.version(run)
  local session = run.skey and tonumber(redis.call('HGET', T .. 's:' .. run.skey, 'ver') or '1') or 1
  return math.max(run.ver, session)
end

function S.queue_add(run)
  local t = tenant_of(run)
  S.set(run, 'qver', S.version(run))
  local group = group_of(run)
  redis.call('ZADD', queue_key(t.name, group), (9 - run.prio) * 140737488355328 + run.num, run.id)
  redis.call('SADD', T .. 'g:' .. t.name, group)
  t.cnt = t.cnt + 1
  update(t)
end

function S.queue_remove(run)
  local t = tenant_of(run)
  dequeue(run, t)
  update(t)
end

local function end_running(run)
  local t = tenant_of(run)
  t.run = t.run - 1
  update(t)
end
S.end_running = end_running

-- The best ready run of a tenant whose agent has room and whose version is not above the given one.
local function find(name, room, version, with_suspects)
  local best, best_score
  for _, group in ipairs(redis.call('SMEMBERS', T .. 'g:' .. name)) do
    local needed, kind, agent = string.match(group, '^(%d+)([:!])(.*)$')
    if tonumber(needed) <= version and (with_suspects or kind == ':') and (room[agent] or 0) > 0 then
      local first = redis.call('ZRANGE', queue_key(name, group), 0, 0, 'WITHSCORES')
      local score = tonumber(first[2])
      if not best or score < best_score then
        best, best_score = first[1], score
      end
    end
  end
  return best
end

-- Takes the next run, tenants in turn, and counts it as running; nil when there is none for the caller.
function S.take(room, version, with_suspects)
  local from = 0
  while true do
    local turns = redis.call('ZRANGE', TURNS, from, from + 63)
    for _, turn in ipairs(turns) do
      local id = find(id_of(turn), room, version, with_suspects)
      if id then
        local run = S.load(id)
        local t = tenant_of(run)
        leave_turn(t)
        -- A tenant that was passed over, since its agents had no room, gets no credit for that either.
        local vt = math.max(counted('vt'), t.v)
        redis.call('HSET', COUNTERS, 'vt', vt)
        t.v = vt + cost_of(run)
        dequeue(run, t)
        t.run = t.run + 1
        update(t)
        return run
      end
    end
    if #turns < 64 then
      return nil
    end
    from = from + 64
  end
end

-- When a run may begin: a clock that was set back makes no delay longer than it was given for, and none of one that is over.
function S.begins_at(run)
  return math.min(run.notbefore, after(now, run.delaylen or NEVER))
end

-- Puts a run that is in no place where it belongs now.
function S.place(run, ready_since)
  local at = member(run.num, run.id)
  if run.skey and redis.call('LINDEX', T .. 'sr:' .. run.skey, 0) ~= run.id then
    S.set(run, 'place', 'blocked')
    counter('blocked', 1)
  elseif S.begins_at(run) > now then
    S.set(run, 'place', 'delayed', 'notbefore', S.begins_at(run))
    redis.call('ZADD', T .. 'delayed', run.notbefore, at)
    -- A waiting worker may have planned to sleep for longer than this run has to wait.
    S.wake()
  else
    S.set(run, 'place', 'ready', 'readyat', ready_since or now)
    redis.call('ZADD', T .. 'ready', run.readyat, at)
    S.queue_add(run)
    S.wake()
  end
end

-- Takes a run out of its place.
function S.displace(run)
  local at = member(run.num, run.id)
  if run.place == 'ready' then
    S.queue_remove(run)
    redis.call('ZREM', T .. 'ready', at)
  elseif run.place == 'delayed' then
    redis.call('ZREM', T .. 'delayed', at)
  elseif run.place == 'blocked' then
    counter('blocked', -1)
  elseif run.place == 'waiting' then
    S.take_up(run)
  elseif run.place == 'running' then
    redis.call('ZREM', T .. 'leases', at)
    end_running(run)
    -- The tenant may have been at its limit.
    S.wake()
  end
  S.set(run, 'place', 'none')
end

function S.promote_delayed(limit)
  for _, due in ipairs(S.due('delayed', limit)) do
    redis.call('ZREM', T .. 'delayed', due)
    local run = S.load(id_of(due))
    S.place(run, run.notbefore)
  end
end
