-- include run-journal
-- include run-sessions
-- What a run waits for, w:ID, in the order of asking, each packed: k key, r request id, kd kind, n name, c when it was opened, d when its time is up, b the rest as JSON, w the answer
-- when the time is up, s the answer when it is superseded. An answer: decision, version, payload, event (as run-events has them) or false.
-- wc:ID approvals that were closed; wd:ID request id to decision; wl:ID what was left open at the end; wk:ID events that nobody asked for yet: name, id, payload; wr:ID their ids.
local EVENT, APPROVAL = 5, 2

function S.open_waits(run)
  local waits = list(T .. 'w:' .. run.id)
  for i = 1, #waits do
    local packed = waits[i]
    waits[i] = cmsgpack.unpack(packed)
    waits[i].packed = packed
  end
  return waits
end

function S.has_open(run)
  return redis.call('EXISTS', T .. 'w:' .. run.id) == 1
end

-- When the time of the first wait of a run is up, or nil. One that was opened later than now was opened before the clock was set back: its time begins now.
function S.next_due(run)
  local first
  for i, wait in ipairs(S.open_waits(run)) do
    if wait.d and wait.d < NEVER and wait.c > now then
      wait.c, wait.d, wait.packed = now, after(now, wait.d - wait.c), nil
      redis.call('LSET', T .. 'w:' .. run.id, i - 1, cmsgpack.pack(wait))
    end
    if wait.d and (not first or wait.d < first) then
      first = wait.d
    end
  end
  return first
end

local function note_closed(run, wait)
  if wait.kd == APPROVAL then
    redis.call('RPUSH', T .. 'wc:' .. run.id, wait.packed)
  end
end

function S.close_waits(run)
  for _, wait in ipairs(S.open_waits(run)) do
    redis.call('SADD', T .. 'wl:' .. run.id, wait.r)
    note_closed(run, wait)
  end
  redis.call('DEL', T .. 'w:' .. run.id)
end

function S.lay_aside(run)
  S.set(run, 'place', 'waiting', 'waitingsince', now, 'status', STATUS.waiting)
  counter('waiting', 1)
  redis.call('ZREM', T .. 'expiring', member(run.num, run.id))
  local due = S.next_due(run)
  if due then
    S.set(run, 'waitsuntil', due)
    redis.call('ZADD', T .. 'waiting', due, member(run.num, run.id))
    -- A waiting worker may have planned to sleep for longer.
    S.wake()
  end
  S.publish(run, 'W', '')
end

-- Ends the waiting of a run, which does not age meanwhile.
function S.take_up(run)
  if run.waitsuntil then
    redis.call('ZREM', T .. 'waiting', member(run.num, run.id))
    S.unset(run, 'waitsuntil')
  end
  counter('waiting', -1)
  S.set(run, 'expires', after(run.expires, now - run.waitingsince), 'status', STATUS.queued, 'place', 'none')
  redis.call('ZADD', T .. 'expiring', run.expires, member(run.num, run.id))
end

function S.answer(run, wait, answer)
  redis.call('LREM', T .. 'w:' .. run.id, 1, wait.packed)
  note_closed(run, wait)
  redis.call('HSET', T .. 'wd:' .. run.id, wait.r, answer[1])
  S.set(run, 'newanswer', '1')
  local json = string.format('{"k":%s,"t":%d,"n":%s,"a":%d,"d":%s,"v":%d}',
    S.quoted(wait.k), wait.kd, S.quoted(wait.n), math.max(1, run.attempts), int(math.max(0, now - wait.c) * 10), answer[2])
  S.add_step(run, wait.k, ':', json, answer[3], answer[2], false, '', '')
  if run.place == 'ready' and run.qver ~= S.version(run) then
    S.queue_remove(run)
    S.queue_add(run)
  end
  if answer[4] then
    S.publish_kept(run, answer[4])
  end
  if run.place == 'waiting' then
    S.take_up(run)
    S.place(run)
  end
end

local function escape(character)
  return string.format('\\u%04x', string.byte(character))
end

-- A string in JSON, without a quotation mark inside it. By cjson.encode of Garnet control characters stay.
function S.quoted(text)
  return '"' .. string.gsub(text, '[%c"\\]', escape) .. '"'
end

-- Gives the waits whose time is up their answer.
function S.answer_due(run)
  if S.is_ended(run) then
    return
  end
  for _, wait in ipairs(S.open_waits(run)) do
    if wait.d and wait.d <= now then
      S.answer(run, wait, wait.w)
    end
  end
end

function S.answer_all_due(limit)
  for _, due in ipairs(S.due('waiting', limit)) do
    S.answer_due(S.load(id_of(due)))
  end
end

-- The answer that an event gives to a wait.
function S.raised(wait, payload)
  local json = string.format('{"type":"step.completed","step":%s,"kind":%d,"name":%s}', S.quoted(wait.k), wait.kd, S.quoted(wait.n))
  return {'raised', 1, payload, {'E', wait.k, '', '0', json}}
end

-- The length of a payload before it was protected.
local function plain_length(payload)
  local plain = string.match(payload, '^\255%u(%d+):')
  return plain and tonumber(plain) or #payload
end

function S.keep(run, name, id, payload)
  local key = T .. 'wk:' .. run.id
  local kept = list(key)
  local bytes = plain_length(payload)
  for _, packed in ipairs(kept) do
    bytes = bytes + plain_length(cmsgpack.unpack(packed)[3])
  end
  if #kept >= 100 or bytes > 1048576 then
    return false
  end
  redis.call('RPUSH', key, cmsgpack.pack({name, id, payload}))
  return true
end

-- Takes the oldest kept event of a name: its payload, or nil.
function S.take_kept(run, name)
  local key = T .. 'wk:' .. run.id
  for _, packed in ipairs(list(key)) do
    local kept = cmsgpack.unpack(packed)
    if kept[1] == name then
      redis.call('LREM', key, 1, packed)
      return kept[3]
    end
  end
  return nil
end

function S.is_event(wait)
  return wait.kd == EVENT
end

-- Whether a later run of the session wants what this one waits for to be answered in its stead.
function S.is_superseded(run)
  if not run.skey then
    return false
  end
  for _, id in ipairs(list(T .. 'sr:' .. run.skey)) do
    if id ~= run.id and redis.call('HGET', T .. 'r:' .. id, 'sup') then
      return true
    end
  end
  return false
end

-- Answers all that the run waits for, or ends it where something can only be answered from outside.
function S.supersede(run)
  local waits = S.open_waits(run)
  for _, wait in ipairs(waits) do
    if not wait.s then
      S.end_run(run, STATUS.cancelled)
      return
    end
  end
  for _, wait in ipairs(waits) do
    S.answer(run, wait, wait.s)
  end
end
