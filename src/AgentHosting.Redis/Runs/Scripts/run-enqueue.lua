-- include run-end
-- include run-accept
-- Accepts a run: record, queue entry, idempotency record, first event, and what the session's first run is to make of it.
-- ARGV 3: id. 4: agent. 5: tenant. 6: user. 7: session id, or nothing. 8: session key, or nothing. 9: priority. 10: delay. 11: time to expire. 12: policy of a busy session.
-- 13: '1' to supersede. 14: idempotency key with its owner, or nothing. 15: fingerprint. 16: message. 17: the submission as JSON. 18: weight of the tenant. 19: size. 20: the owner.
-- Reply: outcome, run id, request id, step; false for what there is not.
local id, session, policy, supersede, idempotency, fingerprint = ARGV[3], ARGV[8], tonumber(ARGV[12]), ARGV[13] == '1', ARGV[14], ARGV[15]
session = session ~= '' and session or nil
local ENQUEUED, REPLAYED, CONFLICT, BUSY, FULL, WAITING, REFUSED = 0, 1, 2, 3, 4, 5, 6

local repeated = S.find_idempotent(idempotency, id, fingerprint)
if repeated then
  return S.done({repeated[1], repeated[2], false, false})
end
if S.load(id) then
  return S.done({REPLAYED, id, false, false})
end

local head = S.session_head(session)
if head then
  -- A wait whose time is up is answered, whether or not anybody has asked since.
  S.answer_due(head)
  if policy == POLICY.reject then
    return S.done({BUSY, head.id, false, false})
  elseif policy == POLICY.enqueue and head.place == 'waiting' and not supersede then
    return S.done({WAITING, head.id, S.open_waits(head)[1].r, false})
  elseif policy == POLICY.rollback and head.effect then
    return S.done({REFUSED, head.id, false, head.effect})
  end
end
if S.is_full(tonumber(ARGV[19])) then
  return S.done({FULL, false, false, false})
end

S.remember_idempotency_key(idempotency, id, fingerprint)
head = S.session_head(session)
local run = S.new_run(id, ARGV[4], ARGV[5], ARGV[6], ARGV[7], session, tonumber(ARGV[9]), tonumber(ARGV[18]), tonumber(ARGV[19]), tonumber(ARGV[10]), tonumber(ARGV[11]),
  ARGV[16], ARGV[17])
if supersede and policy == POLICY.enqueue then
  S.set(run, 'sup', '1')
end
if idempotency ~= '' then
  S.set(run, 'ikey', idempotency)
end
S.set(run, 'own', ARGV[20])
S.add(run)

-- It stands behind the first one already: a session that becomes empty in between might be removed.
if head then
  local was_running = head.place == 'running'
  if policy == POLICY.interrupt and was_running then
    S.set(head, 'cancel', '1')
    redis.call('PUBLISH', T .. 'cancel', head.id)
  elseif policy == POLICY.interrupt and head.started then
    S.end_run(head, STATUS.cancelled)
  elseif policy == POLICY.rollback then
    S.end_run(head, STATUS.cancelled, nil, nil, true)
    if was_running then
      redis.call('PUBLISH', T .. 'cancel', head.id)
    end
  elseif policy == POLICY.enqueue and supersede and head.place == 'waiting' then
    S.supersede(head)
  end
end
return S.done({ENQUEUED, id, false, false})
