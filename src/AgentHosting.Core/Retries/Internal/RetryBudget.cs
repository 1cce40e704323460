namespace AgentHosting.Retries.Internal;

/// <summary>
/// What one model may still be asked again, after Finagle's retry budget: each call adds a fraction of a retry, time adds some, each retry takes one. When
/// a provider fails for everybody, retries then add a bounded share to its load.
/// </summary>
internal sealed class RetryBudget
{
    // In thousandths of a retry, so that one word holds the balance.
    private const double Unit = 1000;
    private readonly long _max;
    private readonly long _perCall;
    private readonly double _perSecond;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _refill = new();
    private long _balance;
    private long _refilledAt;

    public RetryBudget(RetryOptions options, TimeProvider timeProvider)
    {
        _max = (long)(options.BudgetBurst * Unit);
        _perCall = (long)(options.BudgetRatio * Unit);
        _perSecond = options.BudgetPerSecond * Unit;
        _timeProvider = timeProvider;
        _balance = _max;
        _refilledAt = timeProvider.GetTimestamp();
    }

    /// <summary>A call begins.</summary>
    public void AddCall()
    {
        // The common case, a full budget, writes nothing that other threads read.
        if (Volatile.Read(ref _balance) < _max)
        {
            Add(_perCall);
        }
    }

    /// <summary>Takes one retry, if there is one.</summary>
    public bool TryTake()
    {
        Refill();
        while (true)
        {
            var balance = Volatile.Read(ref _balance);
            if (balance < Unit)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _balance, balance - (long)Unit, balance) == balance)
            {
                return true;
            }
        }
    }

    private void Refill()
    {
        lock (_refill)
        {
            var now = _timeProvider.GetTimestamp();
            var gained = (long)Math.Min(_timeProvider.GetElapsedTime(_refilledAt, now).TotalSeconds * _perSecond, _max);
            if (gained > 0)
            {
                _refilledAt = now;
                Add(gained);
            }
        }
    }

    private void Add(long amount)
    {
        while (true)
        {
            var balance = Volatile.Read(ref _balance);
            var next = Math.Min(balance + amount, _max);
            if (next == balance || Interlocked.CompareExchange(ref _balance, next, balance) == balance)
            {
                return;
            }
        }
    }
}
