-- include time
-- include circuit
-- Asks to make one call.
-- KEYS 1: the circuit. ARGV 1: the time in tests, or nothing. 2: how long a probe holds its permit. 3: after which idle time it is forgotten.
-- Reply: {1, generation, whether it is a probe} or {0, microseconds to wait}.
-- Carried out twice, the second finds the permit of its own probe out and is refused until that ends.
local now = time_of(ARGV[1])
local lease, idle = tonumber(ARGV[2]), tonumber(ARGV[3])
local circuit = load_circuit(KEYS[1], now)
if not circuit then
  circuit = new_circuit(KEYS[1], now)
  save_circuit(circuit, now, idle)
elseif circuit.moved then
  save_circuit(circuit, now, idle)
elseif redis.call('PTTL', KEYS[1]) < idle / 2000 then
  redis.call('PEXPIRE', KEYS[1], lifetime(circuit, now, idle))
end
if now < circuit.pu or (circuit.st == 1 and now < circuit.ou) then
  return { 0, refused_until(circuit) - now }
end
if circuit.st == 0 then
  return { 1, circuit.g, 0 }
end
if circuit.po == 1 and now < circuit.qu then
  -- The probe is one model call: it is worth asking again soon.
  return { 0, math.min(1000000, circuit.qu - now) }
end
if circuit.po == 1 then
  if #circuit.late == 32 then
    table.remove(circuit.late, 1)
  end
  table.insert(circuit.late, circuit.g)
end
circuit.st, circuit.po, circuit.qu = 2, 1, now + lease
next_generation(circuit, now)
save_circuit(circuit, now, idle)
return { 1, circuit.g, 1 }
