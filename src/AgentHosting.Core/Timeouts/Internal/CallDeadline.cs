namespace AgentHosting.Timeouts.Internal;

/// <summary>
/// The time limit of one call, moved along as the call goes on, and the token that it cancels. One timer serves many calls: moving the limit to a later time
/// only writes a number, and the timer, when it finds that it came early, sets itself again.
/// </summary>
internal sealed class CallDeadline : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _registration;
    private long _due = long.MaxValue;
    private long _timerDue = long.MaxValue;
    private long _totalEnd;
    private bool _cancelled;

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

    /// <summary>Begins a call.</summary>
    public void Start(TimeSpan? total, CancellationToken cancellationToken)
    {
        var now = _timeProvider.GetTimestamp();
        _totalEnd = total is { } limit ? now + ToTimestamp(limit) : long.MaxValue;
        _registration = cancellationToken.UnsafeRegister(static state => ((CallDeadline)state!).Cancel(), this);
        SetDue(_totalEnd, now);
    }

    /// <summary>From here on the call may wait this long.</summary>
    public void Limit(TimeSpan? limit)
    {
        var now = _timeProvider.GetTimestamp();
        SetDue(limit is { } time ? Math.Min(_totalEnd, now + ToTimestamp(time)) : _totalEnd, now);
    }

    /// <summary>From here on only the limit of the whole call counts.</summary>
    public void Unlimit()
    {
        lock (_gate)
        {
            _due = _totalEnd;
        }
    }

    /// <summary>Ends a call.</summary>
    /// <returns>Whether the next call may use this.</returns>
    public bool End()
    {
        _registration.Dispose();
        lock (_gate)
        {
            _due = long.MaxValue;
            if (!_cancelled && _source.TryReset())
            {
                return true;
            }
        }

        return false;
    }

    // The source is not disposed: a call that was left behind may still look at its token.
    public void Dispose() => _timer.Dispose();

    private void SetDue(long due, long now)
    {
        lock (_gate)
        {
            _due = due;
            if (due < _timerDue)
            {
                SetTimer(due - now);
            }
        }
    }

    private void SetTimer(long wait)
    {
        _timerDue = _due;
        var milliseconds = Math.Ceiling((double)wait / _timeProvider.TimestampFrequency * 1000);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(milliseconds, 1)), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
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

            Passed = true;
            TotalPassed = now >= _totalEnd;
        }

        Cancel();
    }

    private void Cancel()
    {
        lock (_gate)
        {
            _cancelled = true;
        }

        _source.Cancel();
    }

    private long ToTimestamp(TimeSpan time) => (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);
}
