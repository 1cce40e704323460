-- include time
-- What all scripts of the run store share. KEYS 1: the partition, {prefix:queue:0}: with a colon at its end; every other key begins with it, so that all are in one slot.
-- ARGV 1: the time in tests, or nothing. ARGV 2: the limits, as JSON. Points in time and spans are whole microseconds.
-- Functions stand in S, since they call each other. S.done ends each script: it wakes who has something to do now.
local S = {}
local T = KEYS[1]
local now = time_of(ARGV[1])
local opt = cjson.decode(ARGV[2])
-- As RedisTime.Never.
local NEVER = 4503599627370496
-- As RunClaimRequest.SuspectCrashes.
local SUSPECT_CRASHES = 3
local COUNTERS = T .. 'c'
local NUMBERS = {'status', 'prio', 'num', 'created', 'expires', 'notbefore', 'delaylen', 'readyat', 'completed', 'removeat', 'endnum', 'epoch', 'leaseexp', 'leaselen', 'attempts', 'failures',
  'crashes', 'batch', 'ver', 'qver', 'waitsuntil', 'started', 'attemptstart', 'renewed', 'waitingsince', 'elapsed', 'fold', 'weight', 'size', 'bytes'}
local STATUS = {queued = 0, running = 1, waiting = 2, succeeded = 10, failed = 11, cancelled = 12, expired = 13}
local POLICY = {enqueue = 0, reject = 1, interrupt = 2, rollback = 3}
local WRITE = {committed = 0, already = 1, lost = 2}
local records = {}
local wakes = 0

-- Lua writes large numbers with an exponent.
local function int(number)
  return string.format('%.0f', number)
end

local function after(moment, span)
  local sum = moment + span
  return (moment >= NEVER or sum >= NEVER) and NEVER or sum
end

-- A member of an index by time: those of one time stand by their number. Lua's %s would end a name at a NUL.
local function member(number, id)
  return string.format('%015.0f:', number) .. id
end

local function id_of(indexed)
  return string.sub(indexed, 17)
end

local function counter(name, change)
  return redis.call('HINCRBY', COUNTERS, name, change)
end

local function counted(name)
  return tonumber(redis.call('HGET', COUNTERS, name) or '0')
end

local function next_number()
  return counter('numbers', 1)
end

local function list(key)
  return redis.call('LRANGE', key, 0, -1)
end

-- A run by its id, or nil. One object for each within a script.
function S.load(id)
  local known = records[id]
  if known then
    return known
  end
  local flat = redis.call('HGETALL', T .. 'r:' .. id)
  if #flat == 0 then
    return nil
  end
  local run = {id = id}
  for i = 1, #flat, 2 do
    run[flat[i]] = flat[i + 1]
  end
  for _, name in ipairs(NUMBERS) do
    if run[name] then
      run[name] = tonumber(run[name])
    end
  end
  records[id] = run
  return run
end

-- Sets fields of a run: name, value, name, value...
function S.set(run, ...)
  local fields = {...}
  for i = 1, #fields, 2 do
    run[fields[i]] = fields[i + 1]
  end
  redis.call('HSET', T .. 'r:' .. run.id, unpack(fields))
end

function S.unset(run, ...)
  for _, name in ipairs({...}) do
    run[name] = nil
  end
  redis.call('HDEL', T .. 'r:' .. run.id, ...)
end

-- The run that the attempt holds, or nil. The token fences, not the clock: a lease that has ended counts until somebody else takes the run.
function S.held(id, token)
  local run = S.load(id)
  return run and run.lease == token and run or nil
end

-- The same, where the journal has the step that the attempt has committed last. A failover that lost it lost what the attempt goes on from: what it writes now would leave a hole.
function S.held_after(id, token, last)
  local run = S.held(id, token)
  return run and (last == '' or redis.call('HEXISTS', T .. 'jk:' .. id, last) == 1) and run or nil
end

-- A repeated release or completion is recognized by the token until another worker has the run.
function S.ended_by(id, token, field)
  local run = S.load(id)
  return run and not run.lease and run[field] == token and WRITE.already or WRITE.lost
end

-- Lets the lease of a run last for so long, from the last sweep on at least: where the clock was set back since then, and is set right before the next one, it would have ended.
function S.lease(run, length)
  S.set(run, 'leaseexp', after(math.max(now, counted('looked')), length), 'leaselen', length, 'renewed', now)
  redis.call('ZADD', T .. 'leases', run.leaseexp, member(run.num, run.id))
end

-- Of what passes from one renewal to the next no more than the lease counts as time of the attempt: nobody knows the rest to have been worked on, or the clock was set.
-- One of a worker of an earlier version notes no renewals.
function S.note_time(run)
  local is_noted = run.renewed and run.renewed >= run.attemptstart
  local passed = now - (is_noted and run.renewed or run.attemptstart)
  local longest = is_noted and run.leaselen or run.leaseexp - run.attemptstart
  S.set(run, 'attemptstart', run.attemptstart + passed - math.max(0, math.min(passed, longest)))
end

-- For what must be stored also when memory is full: Redis refuses a command that needs memory only as the first write of a script. The first is one that needs none.
function S.write_even_if_full()
  redis.call('ZREM', T .. 'leases', '')
end

function S.is_ended(run)
  return run.place == 'ended'
end

function S.is_dead_letter(run)
  return run.status == STATUS.failed and not run.requeued
end

-- Members of an index that are due, oldest first.
function S.due(index, limit)
  return redis.call('ZRANGEBYSCORE', T .. index, '-inf', now, 'LIMIT', 0, limit)
end

function S.wake()
  wakes = wakes + 1
end

function S.done(reply)
  if wakes > 0 then
    redis.call('PUBLISH', T .. 'work', wakes)
  end
  return reply
end
