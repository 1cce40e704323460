-- A circuit: one hash. Times are microseconds.
--   st 0 closed, 1 open, 2 half open    g generation    ou open until    pu paused until    n times opened since it was closed
--   ps probes that succeeded    po 1 while a probe is out    qu until when it holds its permit    late generations of probes that lost it, the oldest first
--   b the current bucket of the window of ten    s0..s9, f0..f9 successes and failures in its buckets    t when it was last written
local fields = { 'st', 'g', 'ou', 'pu', 'n', 'ps', 'po', 'qu', 'b', 't' }
local function load_circuit(key, now)
  local stored = redis.call('HGETALL', key)
  if #stored == 0 then
    return nil
  end
  local circuit = { late = {}, s = {}, f = {}, key = key }
  for i = 1, #stored, 2 do
    local name, value = stored[i], stored[i + 1]
    local kind, index = string.match(name, '^([sf])(%d)$')
    if kind then
      circuit[kind][tonumber(index)] = tonumber(value)
    elseif name == 'late' then
      for generation in string.gmatch(value, '%d+') do
        table.insert(circuit.late, tonumber(generation))
      end
    else
      circuit[name] = tonumber(value)
    end
  end
  -- The server's clock was set back: the times that were set by it go back too, so that the circuit is not kept open longer.
  if now < circuit.t then
    local back = circuit.t - now
    circuit.ou, circuit.pu, circuit.qu, circuit.t = circuit.ou - back, circuit.pu - back, circuit.qu - back, now
    circuit.moved = true
  end
  return circuit
end
-- Generations are of the time, so that a circuit that was forgotten does not give one out again.
local function new_circuit(key, now)
  return { key = key, st = 0, g = now, ou = 0, pu = 0, n = 0, ps = 0, po = 0, qu = 0, b = 0, t = now, late = {}, s = {}, f = {} }
end
local function next_generation(circuit, now)
  circuit.g = math.max(circuit.g + 1, now)
end
local function clear_window(circuit)
  circuit.s, circuit.f = {}, {}
end
-- Lets go of the buckets that have left the window.
local function move_window(circuit, now, window)
  local bucket = math.floor(now / math.max(1, math.floor(window / 10)))
  local passed = bucket - circuit.b
  -- One that is a little back is the clock's doing; another length of the window begins anew.
  if passed >= 10 or passed <= -10 then
    clear_window(circuit)
    circuit.b = bucket
  elseif passed > 0 then
    for left = circuit.b + 1, bucket do
      circuit.s[left % 10], circuit.f[left % 10] = nil, nil
    end
    circuit.b = bucket
  end
end
local function sum(buckets)
  local total = 0
  for _, count in pairs(buckets) do
    total = total + count
  end
  return total
end
local function add_result(circuit, buckets)
  local index = circuit.b % 10
  buckets[index] = (buckets[index] or 0) + 1
end
local function refused_until(circuit)
  return circuit.st == 1 and math.max(circuit.ou, circuit.pu) or circuit.pu
end
local function change_state(circuit, state, now)
  circuit.st, circuit.ps, circuit.po, circuit.late = state, 0, 0, {}
  next_generation(circuit, now)
  clear_window(circuit)
end
-- It is forgotten once it was not used for this long after all that holds calls up is over.
local function lifetime(circuit, now, idle)
  return math.ceil((idle + math.max(0, circuit.ou - now, circuit.pu - now)) / 1000)
end
local function save_circuit(circuit, now, idle)
  circuit.t = now
  local late = {}
  for i, generation in ipairs(circuit.late) do
    late[i] = string.format('%.0f', generation)
  end
  local values = { 'late', table.concat(late, ',') }
  for _, name in ipairs(fields) do
    table.insert(values, name)
    table.insert(values, string.format('%.0f', circuit[name]))
  end
  for index = 0, 9 do
    for _, kind in ipairs({ 's', 'f' }) do
      if circuit[kind][index] then
        table.insert(values, kind .. index)
        table.insert(values, string.format('%.0f', circuit[kind][index]))
      end
    end
  end
  redis.call('DEL', circuit.key)
  redis.call('HSET', circuit.key, unpack(values))
  redis.call('PEXPIRE', circuit.key, lifetime(circuit, now, idle))
end
