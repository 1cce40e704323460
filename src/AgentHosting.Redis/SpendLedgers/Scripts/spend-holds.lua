-- include spend-book
-- Reservations:
--   h:ID    hash, an open one. a: account; k: by whom sums are kept; r: its counters (c), limits (l), the counter of each (g), rules (w) and amounts (n: held money and tokens; i, m: counted
--           input and longest answer; ic, in: cost of the input as text and in nanos; mc: cost of the whole as text); p: the slices that it is held in; p as MessagePack; q: its
--           attempt and step; so, sc, sn: output seen, its cost as text and in nanos
--   x       sorted set of the open ones by the end of their lease
--   s:STEP  list of the open ones of a step, the first first: "ATTEMPT ID"
--   e:ID    hash, one that was charged by estimate: the same, with c, t: money and tokens that were charged; m: the settlement; v, n: its sum and row; w: when
--   est     sorted set of the latter by when they were charged
local MOST_ESTIMATES = 10000
local KEPT_ESTIMATES = 86400 * 1000000
local EXPIRED = ' 0 0 0 1 4 '

local function read(key)
  local f = redis.call('HMGET', key, 'r', 'a', 'k', 'p', 'q', 'so', 'sc', 'sn')
  if not f[1] then
    return nil
  end
  return { key = key, r = cjson.decode(f[1]), account = f[2], by_whom = f[3], places = cmsgpack.unpack(f[4]), step = f[5], seen = f[6], seen_cost = f[7], seen_nanos = f[8] }
end

-- Closes one for good or for an estimate. First of all writes, since it frees memory: where the server is full, it lets what follows pass.
local function close(id, h)
  redis.call('ZREM', root .. 'x', id)
  if h.step then
    local attempt, step = string.match(h.step, '^(%S+) (.*)$')
    redis.call('LREM', root .. 's:' .. step, 1, attempt .. ' ' .. id)
  end
end

-- Charges in the slices in which it was set aside, and tells what that reached. held: what is given back, or nothing for a correction.
local function charge(h, spent, held, now, findings)
  local counters = {}
  for i, spec in ipairs(h.r.c) do
    local c = load(spec)
    if c then
      roll(c, now)
      if held then
        c.open = c.open - 1
      end
      add(c, h.places[i], spent, held or { 0, 0, 0 })
      save(c, now)
      counters[i] = c
    end
  end
  for i, limit in ipairs(h.r.l) do
    local c = counters[h.r.g[i]]
    -- What is over is not to be told any more.
    if c and limit[5] and (c.spec[2] ~= 'C' or now < c.ends) then
      tell(c, limit, nil, h.account, findings)
    end
  end
end

local function settle(id, h, nanos, tokens, settlement, now, most_rows, findings)
  close(id, h)
  charge(h, { nanos, tokens, 1 }, { -h.r.n[1], -h.r.n[2], -1 }, now, findings)
  for _, rule in ipairs(h.r.w) do
    watch(rule, nanos, now, h.account, findings)
  end
  return write(id, h.by_whom, h.account, settlement, now, most_rows)
end

local function forget_estimate(id)
  redis.call('ZREM', root .. 'est', id)
  redis.call('UNLINK', root .. 'e:' .. id)
end

-- in_full: the longest answer, of one whose lease has ended; else what it was seen to have used, of one that a later attempt takes the place of.
local function estimate(id, in_full, now, most_rows, findings)
  local h = read(root .. 'h:' .. id)
  if not h then
    redis.call('ZREM', root .. 'x', id)
    return
  end
  local input, output, cost, nanos = h.r.i, h.r.m, h.r.mc, h.r.n[1]
  if not in_full then
    output = tonumber(h.seen or '0')
    cost, nanos = h.r.ic, h.r['in']
    if h.seen then
      cost, nanos = h.seen_cost, tonumber(h.seen_nanos)
    end
  end
  local settlement = fmt(input) .. ' ' .. fmt(output) .. EXPIRED .. cost
  local sum, row = settle(id, h, nanos, input + output, settlement, now, most_rows, findings)
  redis.call('RENAME', h.key, root .. 'e:' .. id)
  redis.call('HSET', root .. 'e:' .. id, 'c', nanos, 't', input + output, 'm', settlement, 'v', sum, 'n', row, 'w', now)
  redis.call('ZADD', root .. 'est', now, id)
  if redis.call('ZCARD', root .. 'est') > MOST_ESTIMATES then
    forget_estimate(redis.call('ZRANGE', root .. 'est', 0, 0)[1])
  end
end
