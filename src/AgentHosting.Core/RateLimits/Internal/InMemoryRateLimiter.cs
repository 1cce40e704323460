using Microsoft.Extensions.Options;

namespace AgentHosting.RateLimits.Internal;

/// <summary>The limiter of one process. Memory is bounded: keys of which nothing counts any more are forgotten, and beyond the bound those that came last longest ago.</summary>
internal sealed class InMemoryRateLimiter(IOptions<RateLimitOptions> options, TimeProvider timeProvider) : IAgentRateLimiter
{
    private const int ForgottenPerStep = 2;
    private readonly Lock _lock = new();
    private readonly Dictionary<RateLimitKey, LinkedListNode<RateLimitCounter>> _counters = [];
    private readonly LinkedList<RateLimitCounter> _byUse = new();
    private readonly int _maxKeys = options.Value.MaxKeys;
    private readonly long _start = timeProvider.GetTimestamp();
    private long _latest;

    /// <summary>For pipelines without a host.</summary>
    public static InMemoryRateLimiter Create(TimeProvider timeProvider) => new(Options.Create(new RateLimitOptions()), timeProvider);

    /// <summary>How many keys are remembered.</summary>
    public int Keys
    {
        get
        {
            lock (_lock)
            {
                return _counters.Count;
            }
        }
    }

    public ValueTask<RateLimitDecision> AcquireAsync(RateLimitRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        RateLimitRequestCheck.ThrowIfInvalid(request);
        lock (_lock)
        {
            var now = Now();
            if (Refuse(request, now) is { } refusal)
            {
                return ValueTask.FromResult(refusal);
            }

            var demands = request.Demands;
            for (var i = 0; i < demands.Count; i++)
            {
                Use(demands[i]).Take(now, demands[i].Permits);
            }

            ForgetIdle(now);
            return ValueTask.FromResult(new RateLimitDecision { Request = request, TakenAt = now });
        }
    }

    public ValueTask<bool> CorrectAsync(RateLimitDecision decision, string key, long actual, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(decision);
        ArgumentNullException.ThrowIfNull(key);
        RateLimitRequestCheck.ThrowIfInvalid(decision, actual);
        lock (_lock)
        {
            var now = Now();
            var demands = decision.Request.Demands;
            var isCorrected = false;
            for (var i = 0; i < demands.Count; i++)
            {
                if (demands[i].Key == key && _counters.TryGetValue(new RateLimitKey(key, demands[i].Window), out var node))
                {
                    node.Value.MoveTo(now);
                    isCorrected |= node.Value.Correct(decision.TakenAt, actual - demands[i].Permits);
                }
            }

            return ValueTask.FromResult(isCorrected);
        }
    }

    /// <returns>The refusal of the limit that takes longest, or <see langword="null"/> when all fits. Nothing is counted.</returns>
    private RateLimitDecision? Refuse(RateLimitRequest request, long now)
    {
        var demands = request.Demands;
        (RateLimitDemand Demand, long Available, long RetryAt)? worst = null;
        for (var i = 0; i < demands.Count; i++)
        {
            var demand = demands[i];
            var used = 0L;
            LinkedListNode<RateLimitCounter>? node = null;
            if (_counters.TryGetValue(new RateLimitKey(demand.Key, demand.Window), out node))
            {
                // Also whoever is refused has come: to be forgotten for it would open the limit.
                _byUse.Remove(node);
                _byUse.AddLast(node);
                node.Value.MoveTo(now);
                used = node.Value.Used;
            }

            var missing = demand.Permits - (demand.Limit - used);
            if (missing > 0)
            {
                var retryAt = demand.Permits > demand.Limit ? long.MaxValue : node!.Value.TimeToForget(missing);
                if (worst is null || retryAt > worst.Value.RetryAt)
                {
                    worst = (demand, Math.Max(0, demand.Limit - used), retryAt);
                }
            }
        }

        return worst is not { } refusal ? null : new RateLimitDecision
        {
            Request = request,
            RefusedBy = refusal.Demand,
            Available = refusal.Available,
            RetryAfter = refusal.RetryAt == long.MaxValue ? null : TimeSpan.FromTicks(refusal.RetryAt - now),
        };
    }

    private RateLimitCounter Use(RateLimitDemand demand)
    {
        var key = new RateLimitKey(demand.Key, demand.Window);
        if (!_counters.TryGetValue(key, out var node))
        {
            // Not more than the bound; a request that has more limits than that keeps those of its last ones.
            if (_counters.Count >= _maxKeys)
            {
                Forget(_byUse.First!);
            }

            node = _byUse.AddLast(new RateLimitCounter(key));
            _counters.Add(key, node);
        }

        return node.Value;
    }

    private void ForgetIdle(long now)
    {
        for (var i = 0; i < ForgottenPerStep && _byUse.First is { } oldest; i++)
        {
            oldest.Value.MoveTo(now);
            if (!oldest.Value.IsEmpty)
            {
                return;
            }

            Forget(oldest);
        }
    }

    private void Forget(LinkedListNode<RateLimitCounter> node)
    {
        _counters.Remove(node.Value.Key);
        _byUse.Remove(node);
    }

    // The clock that is never set; should it go back all the same, time stands still here.
    private long Now() => _latest = Math.Max(_latest, timeProvider.GetElapsedTime(_start).Ticks);
}
