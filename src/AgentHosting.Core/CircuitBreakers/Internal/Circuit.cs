namespace AgentHosting.CircuitBreakers.Internal;

/// <summary>The state machine of one circuit. Times are ticks of the store's clock since an arbitrary start; generations are unique over the store.</summary>
internal sealed class Circuit(string key, long generation)
{
    // How soon a caller that found the probe's permit taken should ask again: the probe is one model call.
    private static readonly long _askAgain = TimeSpan.TicksPerSecond;

    // One more each lease, while probes neither end nor are cut; those of processes that are gone never come back.
    private const int MaxLateProbes = 32;

    private readonly Lock _lock = new();
    private readonly FailureWindow _window = new();
    private readonly Queue<long> _lateProbes = new();
    private CircuitState _state;
    private long _generation = generation;
    private long _openUntil;
    private long _pausedUntil;
    private int _timesOpened;
    private int _probeSuccesses;
    private long _probeUntil;
    private bool _probeOut;
    private long _lastUse;
    private long _latest;

    public long LastUse => Volatile.Read(ref _lastUse);

    public CircuitDecision TryAcquire(CircuitSettings settings, long now, ref long generations)
    {
        lock (_lock)
        {
            now = Latest(now);
            _lastUse = now;
            if (now < _pausedUntil || (_state == CircuitState.Open && now < _openUntil))
            {
                return Refused(RefusedUntil() - now);
            }

            if (_state == CircuitState.Closed)
            {
                return Allowed(isProbe: false);
            }

            if (_probeOut && now < _probeUntil)
            {
                return Refused(Math.Min(_askAgain, _probeUntil - now));
            }

            if (_probeOut)
            {
                NoteLateProbe();
            }

            (_state, _probeOut, _probeUntil) = (CircuitState.HalfOpen, true, now + settings.ProbeLease.Ticks);
            _generation = Interlocked.Increment(ref generations);
            return Allowed(isProbe: true);
        }
    }

    public CircuitReportResult Report(
        CircuitPermit permit, CircuitSettings settings, CircuitOutcome outcome, long pauseTicks, long now, ref long generations)
    {
        lock (_lock)
        {
            now = Latest(now);
            if (permit.Generation != _generation || permit.IsProbe != _probeOut)
            {
                return permit.IsProbe && outcome == CircuitOutcome.Success && TakeLateProbe(permit.Generation)
                    ? new CircuitReportResult { Transition = Succeeded(settings, now, ref generations) }
                    : default;
            }

            _lastUse = now;
            _probeOut = false;
            var paused = pauseTicks > 0 && now + pauseTicks > _pausedUntil;
            if (paused)
            {
                _pausedUntil = now + pauseTicks;
            }

            var transition = outcome switch
            {
                CircuitOutcome.Success => Succeeded(settings, now, ref generations),
                CircuitOutcome.Failure => Failed(settings, now, ref generations),
                _ => CircuitTransition.None,
            };
            if (transition == CircuitTransition.None && paused)
            {
                transition = CircuitTransition.Paused;
            }

            return transition is CircuitTransition.Opened or CircuitTransition.Paused
                ? new CircuitReportResult { Transition = transition, OpenFor = TimeSpan.FromTicks(RefusedUntil() - now) }
                : new CircuitReportResult { Transition = transition };
        }
    }

    public CircuitStatus Status(CircuitSettings settings, long now)
    {
        lock (_lock)
        {
            now = Latest(now);
            _window.MoveTo(now, settings.Window.Ticks);
            var refusedUntil = _probeOut && _probeUntil > now ? Math.Max(RefusedUntil(), Math.Min(now + _askAgain, _probeUntil)) : RefusedUntil();
            return new CircuitStatus
            {
                State = _state,
                RetryAfter = TimeSpan.FromTicks(Math.Max(0, refusedUntil - now)),
                Successes = _window.Successes,
                Failures = _window.Failures,
                ProbeInFlight = _probeOut && now < _probeUntil,
            };
        }
    }

    private CircuitTransition Succeeded(CircuitSettings settings, long now, ref long generations)
    {
        if (_state == CircuitState.Closed)
        {
            _window.MoveTo(now, settings.Window.Ticks);
            _window.AddSuccess();
            return CircuitTransition.None;
        }

        if (++_probeSuccesses < settings.SuccessesToClose)
        {
            return CircuitTransition.None;
        }

        _timesOpened = 0;
        ChangeTo(CircuitState.Closed, ref generations);
        return CircuitTransition.Closed;
    }

    private CircuitTransition Failed(CircuitSettings settings, long now, ref long generations)
    {
        if (_state == CircuitState.Closed)
        {
            _window.MoveTo(now, settings.Window.Ticks);
            _window.AddFailure();
            var results = _window.Successes + _window.Failures;
            // Divided, which gives the very number that 0.07 is for 7 of 100; multiplied it would be more.
            if (results < settings.MinimumCalls || (double)_window.Failures / results < settings.FailureRatio)
            {
                return CircuitTransition.None;
            }
        }

        var length = settings.OpenDuration.Ticks;
        for (var i = 0; i < _timesOpened && length < settings.MaxOpenDuration.Ticks; i++)
        {
            length *= 2;
        }

        _openUntil = Math.Max(_openUntil, now + Math.Min(length, settings.MaxOpenDuration.Ticks));
        _timesOpened++;
        ChangeTo(CircuitState.Open, ref generations);
        return CircuitTransition.Opened;
    }

    private void ChangeTo(CircuitState state, ref long generations)
    {
        (_state, _probeSuccesses, _probeOut) = (state, 0, false);
        _generation = Interlocked.Increment(ref generations);
        _lateProbes.Clear();
        _window.Clear();
    }

    private void NoteLateProbe()
    {
        if (_lateProbes.Count == MaxLateProbes)
        {
            _lateProbes.Dequeue();
        }

        _lateProbes.Enqueue(_generation);
    }

    private bool TakeLateProbe(long generation)
    {
        var found = false;
        for (var i = _lateProbes.Count; i > 0; i--)
        {
            var late = _lateProbes.Dequeue();
            if (late == generation)
            {
                found = true;
            }
            else
            {
                _lateProbes.Enqueue(late);
            }
        }

        return found;
    }

    // The clock was read before the lock was taken: one that read it earlier may come later, and must not turn the window back.
    private long Latest(long now) => _latest = Math.Max(_latest, now);

    private long RefusedUntil() => _state == CircuitState.Open ? Math.Max(_openUntil, _pausedUntil) : _pausedUntil;

    private CircuitDecision Allowed(bool isProbe) =>
        new() { IsAllowed = true, Permit = new CircuitPermit { Key = key, Generation = _generation, IsProbe = isProbe } };

    private static CircuitDecision Refused(long ticks) => new() { RetryAfter = TimeSpan.FromTicks(ticks) };
}
