-- What is spent and held in one scope and window. KEYS[1] of each script of the ledger is the beginning of all its keys, which share a hash tag:
--   c:SCOPE|WINDOW|TENANT|ID  hash, one counter. v: its latest slice, when that is over (0 for never), settled money, tokens, calls, held money, tokens, calls, open
--                             reservations, last use; tUNIT:CAP:RATIO: the slice in which that threshold was told, tn: how many those are; a number: one slice of a
--                             rolling window, settled money, tokens, calls, held money, tokens, calls
--   old                       sorted set of counters and rates, by when they may be over
-- A counter is described as { key, kind, ages, ...}: kind T never ends; C is a period of the calendar, numbered by its beginning; R is rolling, followed by the ticks
-- (tenths of a microsecond) of a slice, the number of one slice, and its beginning in microseconds and ticks.
-- Several numbers are kept as one MessagePack: digits would take most of the time. A single one is made text by fmt: Lua itself writes 14 digits.
local root = KEYS[1]
local SLICES = 61
local KEPT_BEYOND_END = 600 * 1000000
local LEAST_IDLE = 3600 * 1000000
local MOST_THRESHOLDS = 96

local function fmt(number)
  return string.format('%.0f', number)
end

local function slice_at(spec, now)
  return spec[5] + math.floor(((now - spec[6]) * 10 - spec[7]) / spec[4])
end

local function end_of(spec, slice)
  return math.ceil(spec[6] + ((slice + SLICES - spec[5]) * spec[4] + spec[7]) / 10)
end

local function load(spec)
  local key = root .. spec[1]
  local text = redis.call('HGET', key, 'v')
  if not text then
    return nil
  end
  local v = cmsgpack.unpack(text)
  return { key = key, spec = spec, slice = v[1], ends = v[2], settled = { v[3], v[4], v[5] }, held = { v[6], v[7], v[8] }, open = v[9] }
end

-- Makes a slice the latest, and leaves out what no longer counts. A counter never moves back. Nothing is written before save.
local function move(c, slice, ends)
  if slice <= c.slice then
    return
  end
  if c.spec[2] == 'R' then
    local names = {}
    for number = c.slice - SLICES + 1, math.min(c.slice, slice - SLICES) do
      names[#names + 1] = fmt(number)
    end
    c.gone = {}
    if #names > 0 then
      for i, text in ipairs(redis.call('HMGET', c.key, unpack(names))) do
        if text then
          local n = cmsgpack.unpack(text)
          for unit = 1, 3 do
            c.settled[unit] = c.settled[unit] - n[unit]
            c.held[unit] = c.held[unit] - n[unit + 3]
          end
          c.gone[#c.gone + 1] = names[i]
        end
      end
    end
  else
    c.is_new = true
    c.settled = { 0, 0, 0 }
    c.held = { 0, 0, 0 }
  end
  c.slice = slice
  c.ends = ends
  c.is_moved = true
end

local function roll(c, now)
  if c.spec[2] == 'R' then
    local slice = slice_at(c.spec, now)
    move(c, slice, end_of(c.spec, slice))
  end
end

-- The counter without what is over. bounds: of the period of the calendar.
local function open_counter(spec, now, bounds)
  local slice, ends = 0, 0
  if spec[2] == 'C' then
    slice, ends = bounds[1], bounds[2]
  elseif spec[2] == 'R' then
    slice = slice_at(spec, now)
    ends = end_of(spec, slice)
  end
  local c = load(spec)
  if c then
    move(c, slice, ends)
    return c
  end
  return { key = root .. spec[1], spec = spec, slice = slice, ends = ends, open = 0, settled = { 0, 0, 0 }, held = { 0, 0, 0 }, is_made = true }
end

local function save(c, now)
  if c.is_made and c.spec[3] == 1 then
    redis.call('ZADD', root .. 'old', 'NX', c.ends > 0 and c.ends + KEPT_BEYOND_END or now + LEAST_IDLE, c.spec[1])
  end
  if c.is_new then
    redis.call('DEL', c.key)
  elseif c.gone and #c.gone > 0 then
    redis.call('HDEL', c.key, unpack(c.gone))
  end
  local settled, held = c.settled, c.held
  redis.call('HSET', c.key, 'v', cmsgpack.pack({ c.slice, c.ends, settled[1], settled[2], settled[3], held[1], held[2], held[3], c.open, now }))
  c.is_made, c.is_new, c.gone, c.is_moved = nil, nil, nil, nil
end

-- Adds to a slice, if it still counts. is_first: it may be that nothing is in it yet.
local function add(c, slice, settled, held, is_first)
  if c.spec[2] == 'R' then
    local text = slice > c.slice - SLICES and redis.call('HGET', c.key, fmt(slice))
    if not text and not is_first then
      return
    end
    local n = text and cmsgpack.unpack(text) or { 0, 0, 0, 0, 0, 0 }
    for unit = 1, 3 do
      n[unit] = n[unit] + settled[unit]
      n[unit + 3] = n[unit + 3] + held[unit]
    end
    redis.call('HSET', c.key, fmt(slice), cmsgpack.pack(n))
  elseif slice ~= c.slice then
    return
  end
  for unit = 1, 3 do
    c.settled[unit] = c.settled[unit] + settled[unit]
    c.held[unit] = c.held[unit] + held[unit]
  end
end

-- In which slice an amount is forgotten, the oldest first; nothing where it is not.
local function slice_to_forget(c, unit, amount)
  if c.spec[2] ~= 'R' then
    return c.slice
  end
  local names = {}
  for number = c.slice - SLICES + 1, c.slice do
    names[#names + 1] = fmt(number)
  end
  for i, text in ipairs(redis.call('HMGET', c.key, unpack(names))) do
    if text then
      local n = cmsgpack.unpack(text)
      amount = amount - n[unit] - n[unit + 3]
      if amount <= 0 then
        return c.slice - SLICES + i
      end
    end
  end
  return nil
end

-- Caps that change with every request would pile up without a bound.
local function forget_thresholds(key)
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 1) == 't' then
      redis.call('HDEL', key, field)
    end
  end
end

-- Tells the thresholds of a limit that are reached, or all of a cap that refuses, and were not told in this period. A limit is
-- { cap on money, on tokens, on calls, text, thresholds, the lowest of them of money, of tokens, of calls }, false where it has none; the thresholds one text, of
-- "UNIT CAP RATIO AMOUNT;" each, since it is read only when the lowest is reached. The counter must be saved.
local function tell(c, limit, refused, account, findings)
  local settled = c.settled
  if not refused and not ((limit[6] and settled[1] >= limit[6]) or (limit[7] and settled[2] >= limit[7]) or (limit[8] and settled[3] >= limit[8])) then
    return
  end
  for number, cap, ratio, amount in string.gmatch(limit[5], '(%d) (%d+) (%S+) (%d+);') do
    local unit = tonumber(number)
    if refused == unit or (not refused and settled[unit] >= tonumber(amount)) then
      local field = 't' .. number .. ':' .. cap .. ':' .. ratio
      local told = tonumber(redis.call('HGET', c.key, field) or '-1')
      if told < 0 or (c.spec[2] == 'R' and told <= c.slice - SLICES) or (c.spec[2] ~= 'R' and told ~= c.slice) then
        if told < 0 and redis.call('HINCRBY', c.key, 'tn', 1) > MOST_THRESHOLDS then
          forget_thresholds(c.key)
          redis.call('HSET', c.key, 'tn', 1)
        end
        redis.call('HSET', c.key, field, c.slice)
        findings[#findings + 1] = { 'c', account, limit[4], unit, ratio, fmt(settled[unit]), fmt(c.slice) }
      end
    end
  end
end
