-- include time
-- include circuit
-- Reads a circuit and changes nothing.
-- KEYS 1: the circuit. ARGV 1: the time in tests, or nothing. 2: the window.
-- Reply: {state, microseconds for which calls are refused, successes, failures, whether a probe is out}.
local now = time_of(ARGV[1])
local circuit = load_circuit(KEYS[1], now)
if not circuit then
  return { 0, 0, 0, 0, 0 }
end
move_window(circuit, now, tonumber(ARGV[2]))
local probing = circuit.po == 1 and now < circuit.qu
local refused = refused_until(circuit)
if probing then
  refused = math.max(refused, math.min(now + 1000000, circuit.qu))
end
return { circuit.st, math.max(0, refused - now), sum(circuit.s), sum(circuit.f), probing and 1 or 0 }
