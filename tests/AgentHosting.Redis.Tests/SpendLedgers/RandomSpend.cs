using AgentHosting.SpendLedgers;

namespace AgentHosting.Redis.Tests.SpendLedgers;

/// <summary>Random requests that fall under every kind of limit.</summary>
internal sealed class RandomSpend(Random random)
{
    private static readonly SpendWindow[] Windows =
    [
        SpendWindow.Total, SpendWindow.Day("Europe/Paris"), SpendWindow.Week(), SpendWindow.Month("America/New_York"),
        SpendWindow.Rolling(TimeSpan.FromSeconds(1)), SpendWindow.Rolling(TimeSpan.FromSeconds(37)), SpendWindow.Rolling(TimeSpan.FromHours(1)), SpendWindow.Rolling(TimeSpan.FromDays(7)),
    ];

    private static readonly double[][] Ratios = [[], [0.5], [0.07, 0.8, 1], [1.0 / 3, 0.9]];
    private readonly SpendLimit[] _limits = [.. Enumerable.Range(0, 24).Select(_ => Limit(random))];
    private readonly SpendAnomalyRule[] _rules =
    [
        new() { Scope = SpendScope.User, Period = TimeSpan.FromSeconds(20), BaselinePeriods = 4, Factor = 1.7, MinCostNanos = 20 },
        new() { Scope = SpendScope.Global, Period = TimeSpan.FromMinutes(1), BaselinePeriods = 1, Factor = 2, MinCostNanos = 1 },
        new() { Scope = SpendScope.Session, Period = TimeSpan.FromHours(1), BaselinePeriods = 24, Factor = 1, MinCostNanos = 1 },
    ];

    private int _ids;

    public IReadOnlyList<SpendLimit> AllLimits => _limits;

    public string AnyId => $"id {random.Next(Math.Max(0, _ids - 12), _ids + 2)}";

    public SpendReservation Reservation()
    {
        var input = random.Next(0, 30);
        var cost = Cost(60);
        return new SpendReservation
        {
            Id = random.Next(15) == 0 ? AnyId : $"id {_ids++}",
            Account = Account(),
            Limits = [.. _limits.Where(_ => random.Next(5) == 0)],
            AnomalyRules = [.. _rules.Where(_ => random.Next(2) == 0)],
            InputTokens = input,
            MaxOutputTokens = random.Next(0, 30),
            InputCost = cost / 3,
            MaxCost = cost,
            Lease = Lease(),
            Step = random.Next(2) == 0 ? null : $"r/{random.Next(4)}",
            Attempt = random.Next(4),
            IsFinal = random.Next(3) > 0,
        };
    }

    public SpendSettlement Settlement() => new()
    {
        Id = AnyId,
        InputTokens = random.Next(30),
        OutputTokens = random.Next(30),
        CachedInputTokens = random.Next(10),
        CacheWriteTokens = random.Next(3),
        ReasoningTokens = random.Next(3),
        Cost = Cost(50),
        IsEstimated = random.Next(5) == 0,
        Outcome = (SpendOutcome)random.Next(4),
    };

    public SpendAccount Account() => new()
    {
        TenantId = random.Next(3) switch { 0 => null, 1 => "u1", _ => "t é|\"\n" },
        UserId = random.Next(3) == 0 ? null : $"u{random.Next(3)}",
        SessionId = random.Next(2) == 0 ? null : $"s{random.Next(2)}",
        RunId = random.Next(2) == 0 ? null : $"r{random.Next(2)}",
        Agent = random.Next(2) == 0 ? null : "agent",
        Model = random.Next(4) == 0 ? null : $"m{random.Next(2)}",
    };

    public SpendQuery Query(DateOnly today) => new()
    {
        TenantId = random.Next(4) == 0 ? "u1" : null,
        UserId = random.Next(4) == 0 ? "u2" : null,
        Model = random.Next(4) == 0 ? "m1" : null,
        Agent = random.Next(4) == 0 ? "agent" : null,
        From = random.Next(3) == 0 ? today.AddDays(-random.Next(5)) : null,
        To = random.Next(3) == 0 ? today.AddDays(-random.Next(3)) : null,
        GroupBy = (SpendGrouping)random.Next(7),
    };

    /// <summary>To the microsecond: of two that end at once any may be charged first.</summary>
    public TimeSpan Lease() => TimeSpan.FromMicroseconds(random.Next(1_000_000, 90_000_000));

    /// <summary>Mostly a moment, now and then days.</summary>
    public TimeSpan Time() => random.Next(12) switch
    {
        < 6 => TimeSpan.FromMilliseconds(random.Next(200)),
        < 10 => TimeSpan.FromMilliseconds(random.Next(20_000)),
        10 => TimeSpan.FromSeconds(random.Next(7200)),
        _ => TimeSpan.FromHours(random.Next(72)),
    };

    public decimal? Cost(int mostNanos) => random.Next(10) switch
    {
        0 => null,
        1 => 0m,
        < 5 => random.Next(mostNanos) / 1_000_000_000m,
        // As many digits as there are.
        _ => random.Next(1, mostNanos) / 1_000_000_000m * (1 + (random.Next() / 3_000_000_000.7m)),
    };

    private static SpendLimit Limit(Random random) => new()
    {
        Scope = (SpendScope)random.Next(8),
        Window = Windows[random.Next(Windows.Length)],
        MaxCostNanos = random.Next(3) == 0 ? null : random.Next(0, 600),
        MaxTokens = random.Next(3) == 0 ? random.Next(600) : null,
        MaxCalls = random.Next(3) == 0 ? random.Next(1, 12) : null,
        AlertRatios = Ratios[random.Next(Ratios.Length)],
    };
}
