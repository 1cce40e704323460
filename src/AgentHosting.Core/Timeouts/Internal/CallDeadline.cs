using AgentHosting.Stages.Internal;

namespace AgentHosting.Timeouts.Internal;

/// <summary>
/// The time limit of one call, which runs while the call waits for its provider, and the token that it cancels. One timer serves many calls: moving the
/// limit to a later time only writes a number, and the timer, when it finds that it came early, sets itself again.
/// </summary>
/// <remarks>
/// The token is each call's own. A client may keep it, for work that goes on after the call: a token that is used again would cancel that work when the
/// time of a stranger's call is up.
/// </remarks>
internal sealed class CallDeadline : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private CancellationTokenSource _source = new();
    private CancellationTokenRegistration _registration;
    private long _due = long.MaxValue;
    private long _timerDue = long.MaxValue;
    private long _totalLeft;
    private long _waitingSince;
    private bool _cancelled;
    private bool _isTotalNext;

    public CallDeadline(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;

        // The timer outlives the call that creates it and must not keep that call's ambient values.
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            _timer = timeProvider.CreateTimer(static state => ((CallDeadline)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled by a limit that passed, or by the caller.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether a limit passed.</summary>
    public bool Passed { get; private set; }

    /// <summary>Whether it was the limit of the whole call.</summary>
    public bool TotalPassed { get; private set; }

    /// <summary>Begins a call, which waits for nothing yet.</summary>
    public void Start(TimeSpan? total, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _source = new CancellationTokenSource();
            _totalLeft = total is { } limit ? ToTimestamp(limit) : long.MaxValue;
            Passed = TotalPassed = _cancelled = false;
        }

        _registration = cancellationToken.UnsafeRegister(static state => ((CallDeadline)state!).OnCallerCancelled(), this);
    }

    /// <summary>From here on the call waits for its provider: this long at most, and no longer than is left of the whole.</summary>
    public void BeginWait(TimeSpan? limit)
    {
        var now = _timeProvider.GetTimestamp();
        lock (_gate)
        {
            var own = limit is { } time ? ToTimestamp(time) : long.MaxValue;
            _waitingSince = now;
            _isTotalNext = _totalLeft <= own;
            var wait = Math.Min(own, _totalLeft);
            if (wait == long.MaxValue)
            {
                return;
            }

            _due = now + wait;
            if (_due < _timerDue)
            {
                SetTimer(wait);
            }
        }
    }

    /// <summary>The provider has answered: what follows is the reader's time.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan EndWait()
    {
        var now = _timeProvider.GetTimestamp();
        lock (_gate)
        {
            _due = long.MaxValue;
            if (_totalLeft != long.MaxValue)
            {
                _totalLeft = Math.Max(0, _totalLeft - (now - _waitingSince));
            }
        }

        return _timeProvider.GetElapsedTime(_waitingSince, now);
    }

    /// <summary>The answer is whole: the limit of the whole call has been kept.</summary>
    public void Unlimit()
    {
        lock (_gate)
        {
            _totalLeft = long.MaxValue;
        }
    }

    /// <summary>Ends a call. The next one may use this.</summary>
    public void End()
    {
        // Waits for a callback that is at work, so that it cannot reach the next call.
        _registration.Dispose();
        lock (_gate)
        {
            _due = long.MaxValue;
        }
    }

    // The source is not disposed: without a timer it holds nothing, and a call that was left behind may still look at its token.
    public void Dispose() => _timer.Dispose();

    private void SetTimer(long wait)
    {
        _timerDue = _due;
        var milliseconds = Math.Ceiling((double)wait / _timeProvider.TimestampFrequency * 1000);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(milliseconds, 1)), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        CancellationTokenSource source;
        lock (_gate)
        {
            _timerDue = long.MaxValue;
            if (_due == long.MaxValue || _cancelled)
            {
                return;
            }

            var now = _timeProvider.GetTimestamp();
            if (now < _due)
            {
                SetTimer(_due - now);
                return;
            }

            // Together with the source, whose call may end, and this begin another, before it is cancelled.
            (Passed, TotalPassed, _cancelled, source) = (true, _isTotalNext, true, _source);
        }

        CancellationFault.Observe(source.CancelAsync());
    }

    private void OnCallerCancelled()
    {
        CancellationTokenSource source;
        lock (_gate)
        {
            (_cancelled, source) = (true, _source);
        }

        CancellationFault.Observe(source.CancelAsync());
    }

    private long ToTimestamp(TimeSpan time) => (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);
}
