-- include run-idempotency
-- What enqueue would answer because of the idempotency key alone. ARGV 3: id. 4: idempotency key with its owner. 5: fingerprint. Reply: outcome and run id, or nothing.
return S.done(S.find_idempotent(ARGV[4], ARGV[3], ARGV[5]) or false)
