-- include run-core
-- The event log of a run, e:ID: entries are TIME FLAG BODY, numbered by where they stand. Flags: S a step has begun (again), D text, R reasoning, E another, each with the event
-- as JSON, or where it is protected \255 V JSON:TEXT: (two lengths) and then JSON of what is no content, the text, and the rest; Q queued, B an attempt began, W waiting, T ended are the store's own, whose body is the attempt or nothing. Beyond the limit the oldest are folded into one.
-- An event as it comes in: flag, step, text, effects ('1' or '0'), body. Protected texts are frames that know their length, so that they are put together like others.

function S.is_done(run, step)
  return redis.call('HEXISTS', T .. 'jk:' .. run.id, step) == 1
end

-- What the model has said in a step that is not done, for a turn that no attempt writes: in u:ID, with the number of its first piece. What code asks of a model is no conversation.
local function note_text(run, flag, step, text, sequence)
  if not run.skey or not string.find(step, '^%d[^/]*$') then
    return
  end
  local key = T .. 'u:' .. run.id
  if flag == 'S' then
    redis.call('HDEL', key, step)
  elseif flag == 'D' then
    local before = redis.call('HGET', key, step) or string.format('%012.0f', sequence)
    redis.call('HSET', key, step, before .. text)
  end
end

local function note_begun(run, flag, step, text, effects, sequence)
  if step == '' then
    return
  end
  if effects == '1' and not run.effect then
    S.set(run, 'effect', step)
  end
  if flag ~= 'E' and not S.is_done(run, step) then
    redis.call('SADD', T .. 'b:' .. run.id, step)
    note_text(run, flag, step, text, sequence)
  end
end

-- A member of an event's JSON, or nothing. Not decoded whole: what a tool was given may be deeper than cjson reads. It comes after them, and they have no quotation mark inside.
local function text_of(body, name)
  local last = math.min(string.find(body, '"arguments":', 1, true) or #body, string.find(body, '"toolResult":', 1, true) or #body)
  local text = string.match(string.sub(body, 1, last), '"' .. name .. '":("[^"]*")')
  return text and cjson.decode('[' .. text .. ']')[1] or ''
end

-- The JSON of an event's body, and its text where that stands apart, since it is protected.
local function parts_of(body)
  local json, text, from = string.match(body, '^\255V(%d+):(%d+):()')
  if not json then
    return body
  end
  local text_from = from + tonumber(json)
  return string.sub(body, from, text_from - 1), string.sub(body, text_from, text_from + tonumber(text) - 1)
end

local function fold_first(run)
  local entry = redis.call('LPOP', T .. 'e:' .. run.id)
  local at, flag, body = string.match(entry, '^(%d+)(%a)(.*)$')
  S.set(run, 'fold', (run.fold or 0) + 1, 'foldat', at)
  if flag == 'S' or flag == 'D' then
    local json, text = parts_of(body)
    local step = text_of(json, 'step')
    if flag == 'S' or (run.foldstep or '') ~= step then
      redis.call('DEL', T .. 'ef:' .. run.id)
      S.set(run, 'foldstep', step)
    end
    if flag == 'D' then
      redis.call('APPEND', T .. 'ef:' .. run.id, text or text_of(json, 'text'))
    end
  end
end

local function append(run, flag, body)
  local key = T .. 'e:' .. run.id
  if redis.call('LLEN', key) >= opt.maxEvents then
    fold_first(run)
  end
  return redis.call('RPUSH', key, int(now) .. flag .. body) + (run.fold or 0)
end

-- Adds events that came in, five values each from ARGV[first] on.
function S.publish_from(run, first)
  for i = first, #ARGV, 5 do
    local flag, step, text, effects, json = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    local sequence = append(run, flag, json)
    note_begun(run, flag, step, text, effects, sequence)
  end
  if #ARGV >= first then
    S.tell_watchers(run.id)
  end
end

-- Adds one event that was kept, as cmsgpack has it.
function S.publish_kept(run, event)
  local sequence = append(run, event[1], event[5])
  note_begun(run, event[1], event[2], event[3], event[4], sequence)
  S.tell_watchers(run.id)
end

-- Adds an event of the store's own.
function S.publish(run, flag, body)
  append(run, flag, body)
  S.tell_watchers(run.id)
end

function S.tell_watchers(id)
  redis.call('PUBLISH', T .. 'ev:' .. id, '')
end

-- What was said in steps that are not done, in the order in which they began to speak; nil for nothing.
function S.unfinished_text(run)
  local flat = redis.call('HGETALL', T .. 'u:' .. run.id)
  local texts = {}
  for i = 2, #flat, 2 do
    texts[#texts + 1] = flat[i]
  end
  table.sort(texts)
  for i = 1, #texts do
    texts[i] = string.sub(texts[i], 13)
  end
  local text = table.concat(texts)
  return text ~= '' and text or nil
end
