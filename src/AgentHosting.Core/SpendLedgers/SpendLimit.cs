using System.Globalization;

namespace AgentHosting.SpendLedgers;

/// <summary>What may be spent in a scope and a window. What was spent is kept by scope and window alone, so that another cap forgets nothing.</summary>
public sealed class SpendLimit
{
    /// <summary>The largest cap on money, in billionths of the currency: every store counts up to it exactly.</summary>
    public const long MaxNanos = 1L << 53;

    /// <summary>Whose spend is counted.</summary>
    public required SpendScope Scope { get; init; }

    /// <summary>Over which time. That of <see cref="SpendScope.Call"/> does not matter.</summary>
    /// <value>The default is <see cref="SpendWindow.Total"/>.</value>
    public SpendWindow Window { get; init; } = SpendWindow.Total;

    /// <summary>The most money, in billionths of the host's currency.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxCostNanos { get; init; }

    /// <summary>The most tokens, input and output together.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxTokens { get; init; }

    /// <summary>The most requests to providers.</summary>
    /// <value>The default is <see langword="null"/>: no cap.</value>
    public long? MaxCalls { get; init; }

    /// <summary>
    /// Shares of each cap, ascending, above 0 and up to 1: the ledger tells once in each period that what is spent has reached one. <see cref="SpendScope.Call"/> has no
    /// periods, and nothing is told of it.
    /// </summary>
    /// <value>The default is none.</value>
    /// <exception cref="ArgumentException">A share is out of that range, or not above the one before it.</exception>
    public IReadOnlyList<double> AlertRatios
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            for (var i = 0; i < value.Count; i++)
            {
                if (!(value[i] > (i == 0 ? 0 : value[i - 1]) && value[i] <= 1))
                {
                    throw new ArgumentException(
                        string.Create(CultureInfo.InvariantCulture, $"Alert ratio {i} is {value[i]}. Use ascending shares of the cap above 0 and up to 1, as 0.5, 0.8, 1."), nameof(value));
                }
            }

            field = value;
            HasAlerts = value.Count > 0;
        }
    } = [];

    internal bool HasAlerts { get; private init; }

    internal long? CapOf(SpendUnit unit) => unit switch
    {
        SpendUnit.Cost => MaxCostNanos,
        SpendUnit.Tokens => MaxTokens,
        _ => MaxCalls,
    };
}
