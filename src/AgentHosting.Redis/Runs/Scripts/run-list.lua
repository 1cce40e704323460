-- include run-dump
-- Lists runs, the latest accepted first. ARGV 3: only those before this number, or nothing. 4: page size. 5 to 10: status, '1' and the agent, '1' and the tenant, '1' and the user, '1' and the
-- session id, dead letter ('1' or '0'), or nothing for each. A call looks at some hundred runs at most. Reply: the runs, the number to go on before, and 1 where there may be more.
local LOOKED_AT = 512
local before = ARGV[3] ~= '' and ('(' .. ARGV[3]) or '+inf'
local function matches(run)
  local dead = S.is_dead_letter(run) and '1' or '0'
  return (ARGV[5] == '' or tonumber(ARGV[5]) == run.status) and (ARGV[6] == '' or ARGV[6] == '1' .. run.agent) and (ARGV[7] == '' or ARGV[7] == '1' .. run.tenant)
    and (ARGV[8] == '' or ARGV[8] == '1' .. run.user) and (ARGV[9] == '' or run.sk and ARGV[9] == '1' .. run.sid) and (ARGV[10] == '' or ARGV[10] == dead)
end
local ids = redis.call('ZREVRANGEBYSCORE', T .. 'age', before, '-inf', 'LIMIT', 0, LOOKED_AT)
local found, last = {}, ARGV[3]
for _, id in ipairs(ids) do
  local run = S.load(id)
  if matches(run) then
    if #found == tonumber(ARGV[4]) then
      return S.done({found, last, 1})
    end
    found[#found + 1] = S.dump(run)
  end
  last = int(run.num)
  records[id] = nil
end
return S.done({found, last, #ids == LOOKED_AT and 1 or 0})
