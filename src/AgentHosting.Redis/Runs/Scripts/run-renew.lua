-- include run-core
-- Extends leases. ARGV 3: length. From 4 on: run id and token, in turn. Reply: the state of each.
S.write_even_if_full()
local HELD, CANCEL, EXPIRED, LOST = 0, 1, 2, 3
local states = {}
for i = 4, #ARGV, 2 do
  local run = S.held(ARGV[i], ARGV[i + 1])
  local state = LOST
  if run then
    S.note_time(run)
    S.lease(run, tonumber(ARGV[3]))
    state = run.cancel and CANCEL or run.expires <= now and EXPIRED or HELD
  end
  states[#states + 1] = state
end
return S.done(states)
