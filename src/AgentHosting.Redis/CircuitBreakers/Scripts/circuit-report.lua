-- include time
-- include circuit
-- Gives a permit back with what the call said about the model.
-- KEYS 1: the circuit. ARGV 1: the time in tests, or nothing. 2: the permit's generation. 3: 1 for a probe. 4: 0 neutral, 1 success, 2 failure.
--   5: microseconds to pause, or 0. 6: the share of failures that opens. 7: how many results it takes. 8: the window. 9: how long it stays open at first,
--   10: and at most. 11: how many probes must succeed. 12: after which idle time it is forgotten.
-- Reply: {0 nothing, 1 opened, 2 closed, 3 paused; microseconds for which calls are refused}.
-- Carried out twice, a probe counts once; any other call may count twice, as it would had it been made twice.
local now = time_of(ARGV[1])
local generation, is_probe, outcome, pause = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local ratio, minimum, window = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local open_for, open_most, to_close, idle = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local circuit = load_circuit(KEYS[1], now)
if not circuit then
  return { 0, 0 }
end
local function succeeded()
  if circuit.st == 0 then
    move_window(circuit, now, window)
    add_result(circuit, circuit.s)
    return 0
  end
  circuit.ps = circuit.ps + 1
  if circuit.ps < to_close then
    return 0
  end
  circuit.n = 0
  change_state(circuit, 0, now)
  return 2
end
local function failed()
  if circuit.st == 0 then
    move_window(circuit, now, window)
    add_result(circuit, circuit.f)
    local failures = sum(circuit.f)
    local results = sum(circuit.s) + failures
    -- Divided, which gives the very number that 0.07 is for 7 of 100; multiplied it would be more.
    if results < minimum or failures / results < ratio then
      return 0
    end
  end
  local length = open_for
  for _ = 1, circuit.n do
    if length >= open_most then
      break
    end
    length = length * 2
  end
  circuit.ou = math.max(circuit.ou, now + math.min(length, open_most))
  circuit.n = circuit.n + 1
  change_state(circuit, 1, now)
  return 1
end
if generation ~= circuit.g or is_probe ~= circuit.po then
  if is_probe == 1 and outcome == 1 then
    for i, late in ipairs(circuit.late) do
      if late == generation then
        table.remove(circuit.late, i)
        local transition = succeeded()
        save_circuit(circuit, now, idle)
        return { transition, 0 }
      end
    end
  end
  return { 0, 0 }
end
circuit.po = 0
local paused = pause > 0 and now + pause > circuit.pu
if paused then
  circuit.pu = now + pause
end
local transition = 0
if outcome == 1 then
  transition = succeeded()
elseif outcome == 2 then
  transition = failed()
end
if transition == 0 and paused then
  transition = 3
end
save_circuit(circuit, now, idle)
if transition == 1 or transition == 3 then
  return { transition, refused_until(circuit) - now }
end
return { transition, 0 }
