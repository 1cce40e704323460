-- include run-core
-- The journal of a run: j:ID its steps in order, EPOCH FLAG JSON, flag S for what the run began from and a colon else; jk:ID their keys; jp:ID key to payload, until the run
-- has ended. no:ID notes of steps that are not done. JSON begins with the key: {"k":"..."

function S.key_of(entry)
  return cjson.decode('[' .. string.match(entry, '^%d+[S:]{"k":("[^"]*")') .. ']')[1]
end

-- Adds a step. False when its key is taken. The usage is five counts in a row, separated by blanks, or nothing.
function S.add_step(run, key, flag, json, payload, version, effects, cost, usage)
  local keys = T .. 'jk:' .. run.id
  if redis.call('HSETNX', keys, key, 1) == 0 then
    return false
  end
  redis.call('RPUSH', T .. 'j:' .. run.id, int(run.epoch) .. flag .. json)
  redis.call('HSET', T .. 'jp:' .. run.id, key, payload)
  S.set(run, 'bytes', run.bytes + #payload)
  counter('bytes', #payload)
  redis.call('SREM', T .. 'b:' .. run.id, key)
  redis.call('HDEL', T .. 'no:' .. run.id, key)
  redis.call('HDEL', T .. 'u:' .. run.id, key)
  if effects and not run.effect then
    S.set(run, 'effect', key)
  end
  if version > run.ver then
    S.set(run, 'ver', version)
  end
  if cost ~= '' then
    S.add_cost(run, cost)
  end
  if usage ~= '' then
    local i = 0
    for count in string.gmatch(usage, '%-?%d+') do
      i = i + 1
      redis.call('HINCRBY', T .. 'r:' .. run.id, 'u' .. i, count)
    end
  end
  return true
end

-- Lua has no decimals: what a run has cost is added up by whoever reads it.
function S.add_cost(run, cost)
  S.set(run, 'costs', (run.costs or '') .. cost .. ';')
end

-- JSON and payload of a step, or nil.
function S.find_step(run, key)
  if redis.call('HEXISTS', T .. 'jk:' .. run.id, key) == 0 then
    return nil
  end
  for _, entry in ipairs(list(T .. 'j:' .. run.id)) do
    if S.key_of(entry) == key then
      return {entry, redis.call('HGET', T .. 'jp:' .. run.id, key) or ''}
    end
  end
  return nil
end
