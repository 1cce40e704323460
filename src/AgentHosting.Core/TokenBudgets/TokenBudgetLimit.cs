using AgentHosting.SpendLedgers;

namespace AgentHosting.TokenBudgets;

/// <summary>What may be spent in a scope and a window.</summary>
public sealed class TokenBudgetLimit
{
    /// <summary>Whose spend is counted.</summary>
    /// <value>The default is <see cref="SpendScope.Global"/>.</value>
    public SpendScope Scope { get; set; } = SpendScope.Global;

    /// <summary>Over which time.</summary>
    /// <value>The default is <see cref="TokenBudgetWindow.Total"/>.</value>
    public TokenBudgetWindow Window { get; set; }

    /// <summary>The length of a rolling window: from 1 second to 366 days.</summary>
    /// <value>The default is <see langword="null"/>.</value>
    public TimeSpan? Length { get; set; }

    /// <summary>The IANA or Windows name of the time zone of a calendar window.</summary>
    /// <value>The default is <c>UTC</c>.</value>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The most money, in the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public decimal? MaxCost { get; set; }

    /// <summary>The most tokens, input and output together.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxTokens { get; set; }

    /// <summary>The most requests to providers.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxCalls { get; set; }
}
