namespace AgentHosting.SpendLedgers;

/// <summary>What is spent and held in one limit.</summary>
public sealed class SpendBalance
{
    /// <summary>The limit.</summary>
    public required SpendLimit Limit { get; init; }

    /// <summary>Whose.</summary>
    public required string ScopeId { get; init; }

    /// <summary>Number of the current period; it grows with every period, so that an alert can be raised once in each.</summary>
    public required long Period { get; init; }

    /// <summary>Money spent, in billionths of the currency.</summary>
    public required long SettledCostNanos { get; init; }

    /// <summary>Money set aside.</summary>
    public required long HeldCostNanos { get; init; }

    /// <summary>Tokens spent.</summary>
    public required long SettledTokens { get; init; }

    /// <summary>Tokens set aside.</summary>
    public required long HeldTokens { get; init; }

    /// <summary>Requests made or under way.</summary>
    public required long Calls { get; init; }
}
