namespace AgentHosting.RateLimits;

/// <summary>What a request takes of one limit.</summary>
public sealed class RateLimitDemand
{
    /// <summary>The largest limit and the largest amount that is counted: 10^12.</summary>
    public const long MaxAmount = 1_000_000_000_000;

    /// <summary>What is counted together: the requests of a user, the tokens of a model. Compared ordinally.</summary>
    public required string Key { get; init; }

    /// <summary>How much to take, from 0 to <see cref="MaxAmount"/>.</summary>
    /// <value>The default is 1.</value>
    public long Permits { get; init; } = 1;

    /// <summary>The most that is admitted in any stretch of <see cref="Window"/>, from 0 to <see cref="MaxAmount"/>.</summary>
    public required long Limit { get; init; }

    /// <summary>The length of the sliding window, from a second to a day.</summary>
    /// <value>The default is a minute.</value>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);
}
