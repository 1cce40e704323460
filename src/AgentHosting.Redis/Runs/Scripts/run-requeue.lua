-- include run-accept
-- Gives a failed run another chance. ARGV 3: its id. 4: id of the new one. 5: '1' to keep the journal. 6: time to expire. Reply: outcome
-- and run id; or -1 where there is a run of the new id.
local REQUEUED, ALREADY, NOT_FOUND, NOT_FAILED, FULL = 0, 1, 2, 3, 4
local failed = S.load(ARGV[3])
if not failed then
  return S.done({NOT_FOUND, false})
end
if failed.requeued then
  -- By its id the caller sees its own command again.
  return S.done({failed.requeued == ARGV[4] and REQUEUED or ALREADY, failed.requeued})
end
if failed.status ~= STATUS.failed then
  return S.done({NOT_FAILED, false})
end
if S.load(ARGV[4]) then
  return S.done({-1, false})
end
local size = ARGV[5] == '1' and failed.bytes or failed.size
if S.is_full(size) then
  return S.done({FULL, false})
end
local run = S.new_run(ARGV[4], failed.agent, failed.tenant, failed.user, failed.sid, failed.sk, failed.prio, failed.weight, failed.size, 0, tonumber(ARGV[6]), failed.message,
  failed.sub)
S.set(run, 'origin', failed.origin or failed.id, 'replaces', failed.id)
local function key(kind, of)
  return T .. kind .. ':' .. of.id
end
for _, packed in ipairs(list(key('wk', failed))) do
  redis.call('RPUSH', key('wk', run), packed)
  local id = cmsgpack.unpack(packed)[2]
  if id ~= '' then
    redis.call('SADD', key('wr', run), id)
  end
end
if ARGV[5] == '1' then
  -- Not counted in usage and cost: they were paid for by another run. Of before its first attempt.
  for _, entry in ipairs(list(key('j', failed))) do
    redis.call('RPUSH', key('j', run), (string.gsub(entry, '^%d+', '0', 1)))
  end
  for _, kind in ipairs({'jk', 'jp', 'no'}) do
    local flat = redis.call('HGETALL', key(kind, failed))
    for i = 1, #flat, 2 do
      redis.call('HSET', key(kind, run), flat[i], flat[i + 1])
    end
  end
  redis.call('SUNIONSTORE', key('b', run), key('b', failed))
  redis.call('SUNIONSTORE', key('wr', run), key('wr', run), key('wr', failed))
  S.set(run, 'ver', failed.ver, 'bytes', size)
  if failed.effect then
    S.set(run, 'effect', failed.effect)
  end
end
S.set(failed, 'requeued', run.id)
S.set(run, 'own', failed.own)
S.add(run)
S.release_retained(failed)
S.retain(failed)
S.forget_oldest()
return S.done({REQUEUED, run.id})
