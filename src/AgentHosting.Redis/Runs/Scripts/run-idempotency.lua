-- include run-core
-- Idempotency keys: idem maps a key with its owner to the record, number, when to remove it, run, fingerprint; idemq has them in the order of their coming, the same with the key.

local function forget_oldest_key()
  local oldest = cmsgpack.unpack(redis.call('LPOP', T .. 'idemq'))
  local known = redis.call('HGET', T .. 'idem', oldest[3])
  if known and cmsgpack.unpack(known)[1] == oldest[1] then
    redis.call('HDEL', T .. 'idem', oldest[3])
  end
end

-- Outcome (1 a replay, 2 a conflict) and the first run, or nil.
function S.find_idempotent(key, id, fingerprint)
  local known = key ~= '' and redis.call('HGET', T .. 'idem', key)
  local record = known and cmsgpack.unpack(known)
  if not record or record[2] <= now then
    return nil
  end
  return {(record[3] == id or record[4] == fingerprint) and 1 or 2, record[3]}
end

function S.remember_idempotency_key(key, id, fingerprint)
  if key == '' then
    return
  end
  local number, until_then = next_number(), after(now, opt.idempotencyRetention)
  redis.call('HSET', T .. 'idem', key, cmsgpack.pack({number, until_then, id, fingerprint}))
  redis.call('RPUSH', T .. 'idemq', cmsgpack.pack({number, until_then, key}))
  while redis.call('LLEN', T .. 'idemq') > opt.maxIdempotencyKeys do
    forget_oldest_key()
  end
end

-- Forgets the key of a run that is erased. Where it stands in the order of coming, it goes with its time.
function S.forget_idempotency_key(run)
  local known = run.ikey and redis.call('HGET', T .. 'idem', run.ikey)
  if known and cmsgpack.unpack(known)[3] == run.id then
    redis.call('HDEL', T .. 'idem', run.ikey)
  end
end

-- How many of those whose time is over were forgotten.
function S.forget_idempotency_keys(limit)
  local forgotten = 0
  while forgotten < limit do
    local oldest = redis.call('LINDEX', T .. 'idemq', 0)
    if not oldest or cmsgpack.unpack(oldest)[2] > now then
      break
    end
    forget_oldest_key()
    forgotten = forgotten + 1
  end
  return forgotten
end
