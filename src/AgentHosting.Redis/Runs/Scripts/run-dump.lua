-- include run-waits
-- How runs are handed to the caller.

local function dump_waits(waits)
  local dumped = {}
  for i, wait in ipairs(waits) do
    dumped[i] = {wait.k, wait.r, wait.kd, wait.n, int(wait.c), wait.d and int(wait.d) or false, wait.b, wait.w or false, wait.s or false}
  end
  return dumped
end

-- Id, fields, steps, open waits, closed approvals.
function S.dump(run)
  local closed = list(T .. 'wc:' .. run.id)
  for i = 1, #closed do
    closed[i] = cmsgpack.unpack(closed[i])
  end
  return {run.id, redis.call('HGETALL', T .. 'r:' .. run.id), list(T .. 'j:' .. run.id), dump_waits(S.open_waits(run)), dump_waits(closed)}
end

-- With all that an attempt needs: payloads, steps that were begun, notes, the session before the run (false where there is none).
function S.dump_claim(run)
  local notes = {}
  local flat = redis.call('HGETALL', T .. 'no:' .. run.id)
  for i = 1, #flat, 2 do
    local note = cmsgpack.unpack(flat[i + 1])
    notes[#notes + 1] = {flat[i], note[1], note[2]}
  end
  return {
    S.dump(run),
    redis.call('HGETALL', T .. 'jp:' .. run.id),
    redis.call('SMEMBERS', T .. 'b:' .. run.id),
    notes,
    run.skey and S.transcript(run.skey, run.replaces) or false}
end
